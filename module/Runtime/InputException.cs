namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// What was given makes no request: a name, a header, a body, a file. It ends that record and no other, or the call where
/// nobody catches it; nothing was sent.
/// </summary>
/// <param name="message">What is wrong with what, and what to do.</param>
/// <param name="target">What the error is about, where that can be no secret.</param>
internal sealed class InputException(
    string errorId, string message, ErrorCategory category = ErrorCategory.InvalidArgument, object? target = null)
    : ArgumentException(message), IContainsErrorRecord
{
    ErrorRecord IContainsErrorRecord.ErrorRecord => ToRecord();

    /// <summary>What is wrong with a value, in the words of its conversion.</summary>
    public static InputException Of(string errorId, Exception cause, object? target = null) =>
        new(errorId, DisplayText.Clean(cause.Message), target: target);

    /// <summary>The same of whatever reading a record has thrown.</summary>
    public static InputException Of(Exception failed) => failed as InputException ?? Of("InvalidInput", failed);

    /// <param name="document">What the error is about where it does not say so itself: one of many rows, say.</param>
    public ErrorRecord ToRecord(FailedDocument? document = null)
    {
        object? about = document ?? target;
        var record = new ErrorRecord(this, errorId, category, about);
        record.CategoryInfo.TargetName = DisplayText.Clean(about?.ToString());
        if (target is null && document is not null && document.ToString().Length > 0)
        {
            string name = document.DocumentName ?? Path.GetFileName(document.Path)!;
            record.ErrorDetails = new ErrorDetails($"'{DisplayText.Clean(name)}' was not sent. {Message}");
        }

        return record;
    }
}
