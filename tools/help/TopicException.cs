namespace MgPrint.HelpTopics;

/// <summary>A source that makes no help. The message names the file and says what to change in it.</summary>
internal sealed class TopicException(string file, string problem) : Exception($"{file}: {problem}");
