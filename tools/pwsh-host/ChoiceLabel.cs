using System.Management.Automation.Host;

namespace PwshHost;

/// <summary>The label of a choice: <c>Yes to &amp;All</c> is the text "Yes to All" with the key "A".</summary>
internal readonly record struct ChoiceLabel(string Key, string Text)
{
    public static ChoiceLabel Of(ChoiceDescription choice)
    {
        var mark = choice.Label.IndexOf('&');
        return mark >= 0 && mark + 1 < choice.Label.Length
            ? new(choice.Label[mark + 1].ToString().ToUpperInvariant(), choice.Label.Remove(mark, 1).Trim())
            : new("", choice.Label.Replace("&", "").Trim());
    }

    /// <summary>What is enough to type.</summary>
    public string Shortest => Key.Length > 0 ? Key : Text;

    /// <summary>True when an answer names this choice, by its key or in full.</summary>
    public bool Matches(string answer) =>
        (Key.Length > 0 && answer.Equals(Key, StringComparison.OrdinalIgnoreCase))
        || answer.Equals(Text, StringComparison.OrdinalIgnoreCase);
}
