using System.ComponentModel;

namespace Microsoft.Graph.PowerShell.Models;

/// <summary>The ids that name a thing of the print service; which of them count depends on the cmdlet.</summary>
[TypeConverter(typeof(DevicesCloudPrintIdentityTypeConverter))]
public interface IDevicesCloudPrintIdentity
{
    /// <summary>The unique identifier of group.</summary>
    string? GroupId { get; set; }

    /// <summary>The unique identifier of printConnector.</summary>
    string? PrintConnectorId { get; set; }

    /// <summary>The unique identifier of printDocument.</summary>
    string? PrintDocumentId { get; set; }

    /// <summary>The unique identifier of printJob.</summary>
    string? PrintJobId { get; set; }

    /// <summary>The unique identifier of printOperation.</summary>
    string? PrintOperationId { get; set; }

    /// <summary>The unique identifier of printServiceEndpoint.</summary>
    string? PrintServiceEndpointId { get; set; }

    /// <summary>The unique identifier of printService.</summary>
    string? PrintServiceId { get; set; }

    /// <summary>The unique identifier of printTaskDefinition.</summary>
    string? PrintTaskDefinitionId { get; set; }

    /// <summary>The unique identifier of printTask.</summary>
    string? PrintTaskId { get; set; }

    /// <summary>The unique identifier of printTaskTrigger.</summary>
    string? PrintTaskTriggerId { get; set; }

    /// <summary>The unique identifier of printer.</summary>
    string? PrinterId { get; set; }

    /// <summary>The unique identifier of printerShare.</summary>
    string? PrinterShareId { get; set; }

    /// <summary>The unique identifier of user.</summary>
    string? UserId { get; set; }
}
