using System.Management.Automation;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>What was given names no document, or no place for it to go. It ends that record and no other; nothing was sent.</summary>
/// <param name="errorId">The stable id.</param>
/// <param name="message">What is wrong with what, and what to do.</param>
/// <param name="category">PowerShell's own sort of errors.</param>
/// <param name="target">What the error is about, where that can be no secret.</param>
internal sealed class DocumentException(
    string errorId, string message, ErrorCategory category = ErrorCategory.InvalidArgument, object? target = null) : ArgumentException(message)
{
    public ErrorRecord ToRecord() => new(this, errorId, category, target);
}
