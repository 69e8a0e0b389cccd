namespace MgPrint.HelpTopics;

/// <summary>A source that makes no help. The message names the file and says what to change in it.</summary>
internal sealed class TopicException : Exception
{
    public TopicException(string problem)
        : base(problem)
    {
    }

    private TopicException(string file, TopicException inside)
        : base($"{file}: {inside.Message}", inside)
    {
    }

    /// <summary>Makes something of a file, under whose name its problems are told.</summary>
    public static T In<T>(string file, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (TopicException inside)
        {
            throw new TopicException(file, inside);
        }
    }
}
