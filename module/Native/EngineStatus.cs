namespace MgPrint.PowerShell.Native;

/// <summary>The engine's answers, by the fixed numbers of its C interface.</summary>
internal enum EngineStatus
{
    Ok = 0,
    Pending = 1,
    Unconfirmed = 2,
    InvalidArgument = 10,
    InvalidHandle = 11,
    InvalidText = 12,
    InvalidState = 13,
    Internal = 14,
    SystemLimit = 15,
    OutOfMemory = 16,
    InvalidEndpoint = 30,
    InvalidUploadUrl = 31,
    InvalidHeader = 32,
    InvalidProxy = 33,
    InvalidBody = 34,
    AuthenticationNeeded = 35,
    SourceNotFound = 40,
    SourceUnreadable = 41,
    SourceNotAFile = 42,
    SourceEmpty = 43,
    SourceChanged = 44,
    SizeMismatch = 45,
    ResumeFileRefused = 50,
    ResumeFileInUse = 51,
    ResumeFileFailed = 52,
    TargetFailed = 53,
    ConnectionFailed = 60,
    TlsFailed = 61,
    Timeout = 62,
    ProxyFailed = 63,
    Cancelled = 64,
    RequestFailed = 80,
    UnexpectedResponse = 81,
    ResponseTooLarge = 82,
    RedirectRefused = 83,
    SessionGone = 84,
    ShareNotFound = 90,
    NotSupported = 91,
    PrintJobEnded = 92,
    StartUnconfirmed = 93,
}

/// <summary>The settings that the engine takes, by the fixed numbers of its C interface.</summary>
internal enum EngineOption
{
    Endpoint = 1,
    AccessToken = 2,
    UserAgent = 3,
    Proxy = 4,
    SdkVersion = 5,
    ProxyUser = 6,
    ProxyPassword = 7,
    ProxyBypass = 8,
    CaFile = 9,
    ResumeFile = 10,
    ResumeIdentity = 11,
    UploadHeader = 12,
    IdleTimeoutMilliseconds = 40,
    MaxRetry = 41,
    ChunkSize = 42,
    MaxConcurrency = 43,
    LogLevel = 44,
    ExpectedSize = 45,
    Progress = 47,
    RenewToken = 48,
    RetryDelayMilliseconds = 49,
}

/// <summary>What an operation reports while it runs.</summary>
internal enum EngineEventKind
{
    Finished = 1,
    Progress = 2,
    Retry = 3,
    Log = 4,
    BytesWanted = 5,
    TokenWanted = 6,

    /// <summary>A print job was made, or stands otherwise than before.</summary>
    Job = 7,

    /// <summary>A print job waits for a document that may never come.</summary>
    JobLeft = 8,
}

/// <summary>Who wants to read a line of a log.</summary>
internal enum EngineLogLevel
{
    Warning = 0,
    Verbose = 1,
    Debug = 2,
}

/// <summary>Which kind of thing a document's job belongs to.</summary>
internal enum JobParent
{
    Printer = 1,
    Share = 2,
}

/// <summary>How a request may be sent.</summary>
internal enum EngineRequestMode
{
    Repeatable = 1,
    Once = 2,
    AsIs = 3,
}

/// <summary>What is done with an upload session.</summary>
internal enum EngineSessionAction
{
    Status = 1,
    Cancel = 2,
}

/// <summary>Where the bytes of a document come from.</summary>
internal enum EngineSourceKind
{
    Path = 1,
    Bytes = 3,
    Host = 4,
}
