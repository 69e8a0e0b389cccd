namespace PwshHost.Tests.Hosting;

/// <summary>What a process has left behind.</summary>
/// <param name="ExitCode">Its exit code; 128 and the number when a signal ended it.</param>
/// <param name="Output">All of its standard output.</param>
/// <param name="Error">All of its standard error.</param>
internal sealed record Outcome(int ExitCode, string Output, string Error);
