using System.Diagnostics;
using System.Globalization;
using Microsoft.Graph;
using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Serialization;
using Microsoft.Kiota.Serialization.Json;

// Sends a file with LargeFileUploadTask, and writes seconds, processor seconds, and bytes of memory above idle: those of
// the upload alone, without the start of .NET.
const int RangeBytes = 8_192_000;
string url = args[0];
using FileStream file = File.OpenRead(args[1]);
var session = new Session
{
    UploadUrl = url,
    ExpirationDateTime = DateTimeOffset.MaxValue,
    NextExpectedRanges = [$"0-{file.Length - 1}"],
};

ApiClientBuilder.RegisterDefaultDeserializer<JsonParseNodeFactory>();

using Process process = Process.GetCurrentProcess();
TimeSpan processorBefore = process.TotalProcessorTime;
long idle = process.WorkingSet64;
var watch = Stopwatch.StartNew();
UploadResult<Document> result = await new LargeFileUploadTask<Document>(session, file, RangeBytes).UploadAsync();
watch.Stop();
process.Refresh();
if (!result.UploadSucceeded)
{
    Console.Error.WriteLine("LargeFileUploadTask says that it did not succeed.");
    return 1;
}

Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{watch.Elapsed.TotalSeconds} {(process.TotalProcessorTime - processorBefore).TotalSeconds} {process.PeakWorkingSet64 - idle}"));
return 0;

internal sealed class Session : IUploadSession
{
    public DateTimeOffset? ExpirationDateTime { get; set; }

    public List<string>? NextExpectedRanges { get; set; }

    public string? UploadUrl { get; set; }

    public IDictionary<string, object> AdditionalData { get; set; } = new Dictionary<string, object>();

    public IDictionary<string, Action<IParseNode>> GetFieldDeserializers() => new Dictionary<string, Action<IParseNode>>();

    public void Serialize(ISerializationWriter writer) => throw new NotSupportedException("A session is only ever read.");
}

internal sealed class Document : IParsable
{
    public IDictionary<string, Action<IParseNode>> GetFieldDeserializers() => new Dictionary<string, Action<IParseNode>>();

    public void Serialize(ISerializationWriter writer) => throw new NotSupportedException("A document is only ever read.");
}
