namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// Marks a parameter whose argument may hold a secret. PowerShell's module log and its transcripts write each bound
/// argument as text, however it was bound; of this one they get to see that there is one.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotLoggedAttribute : ArgumentTransformationAttribute
{
    private const string Shown = "(not logged)";

    /// <summary>What was given, out of what the attribute put around it.</summary>
    public static object? Unwrap(object? bound) => bound is Argument argument ? argument.Value : bound;

    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        inputData is null or Argument ? inputData! : new Argument(inputData);

    private sealed record Argument(object Value)
    {
        public override string ToString() => Shown;
    }
}
