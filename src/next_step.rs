//! What the person at the prompt can do about an error: one table, put into words where an error is read.

use std::borrow::Cow;

macro_rules! next_steps {
    ($($name:ident => $words:literal,)*) => {
        /// What to do about an error.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub(crate) enum NextStep {
            /// Nothing that the message does not say.
            #[default]
            None,
            $($name,)*
            /// The upload URL was redirected to where this status came from.
            CheckRedirects(u16),
            /// The session is gone, and this resume file names it; the next upload needs a new session from its caller.
            DeleteResumeFileAndCreateSession(String),
            /// The session is of no use any more, and this resume file names it.
            DeleteResumeFile(String),
            /// The same, of a call that creates its session itself: the document may have arrived.
            LookThenDeleteResumeFile(String),
            /// The same, of a document that changed.
            DeleteResumeFileToSendChanged(String),
            /// Words of a single place.
            Words(&'static str),
        }

        impl NextStep {
            pub(crate) fn in_words(&self) -> Cow<'static, str> {
                match self {
                    Self::None => "".into(),
                    $(Self::$name => $words.into(),)*
                    Self::CheckRedirects(status) => format!(
                        "A redirect led from the upload URL to where {status} was answered: check what on the way to the service redirects."
                    ).into(),
                    Self::DeleteResumeFileAndCreateSession(path) => format!(
                        "Look at the print job. If the document did not arrive, delete the resume file '{path}', create a new upload session and send it again."
                    ).into(),
                    Self::DeleteResumeFile(path) => format!("Delete the resume file '{path}' first.").into(),
                    Self::LookThenDeleteResumeFile(path) => format!(
                        "Look at the print job. If the document did not arrive, delete the resume file '{path}' and run the same command again."
                    ).into(),
                    Self::DeleteResumeFileToSendChanged(path) => format!(
                        "To send the changed document, delete the resume file '{path}' and run the same command again."
                    ).into(),
                    Self::Words(words) => (*words).into(),
                }
            }
        }
    };
}

next_steps! {
    // What was given.
    GiveGraphEndpoint => "Give the address of the Graph service, such as https://graph.microsoft.com, https://graph.microsoft.us or https://dod-graph.microsoft.us.",
    GiveUploadUrl => "Give the whole upload URL of the session, as the service returned it.",
    GiveProxy => "Give an address such as http://proxy.example.com:8080; in a user name or a password, write / as %2F, \\ as %5C, ? as %3F, # as %23 and @ as %40.",
    GivePem => "Give a file with certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----.",
    GiveToken => "Give the token alone, without the word Bearer, on one line.",
    GiveId => "Give the id as the service shows it.",
    GiveJsonObject => "Give a JSON object.",
    GiveOneFile => "Give the path of one file.",
    GiveOtherName => "Give the file another name, and send it under that.",
    GiveOtherResumeFile => "Give another path; or delete the file, if nothing else needs it, to begin anew.",
    GiveFileOfSession => "Give the file that the session was created for, or create a session with this file's size.",
    LeaveSizeOut => "Leave the size out, and give the name and the content type alone.",
    LeaveHeaderOut => "Leave this header out.",
    LeaveHeaderToGraph => "Leave this header out: it is for requests to Graph alone.",
    CorrectHeader => "Give a name of letters, digits and hyphens, and a value of plain text on one line.",
    CorrectAddress => "Correct the address.",
    ChooseChunkSize => "Choose a size from 1 to 9,999,999 bytes: the service takes fewer than 10 MB at once.",
    ChooseConcurrency => "Choose 1 to 4: the service takes four at once.",
    CheckValues => "Check the values that were given.",
    CheckIds => "Check the identifiers: the service knows no such object, or does not show it to this account.",

    // The network.
    CheckConnection => "Check the network connection and the address, then run the command again.",
    CheckBrokenConnection => "Check the network connection, then run the command again.",
    AllowMoreTime => "Check the connection, then run the command again; on a slow network allow a longer time-out.",
    CheckProxy => "Check the proxy's address, that it lets this machine through, and the user name and password where it wants them. Nothing was sent around it.",
    CheckProxyScheme => "Where the proxy speaks plain http, begin its address with http://. Nothing was sent around it.",
    CheckResponder => "Check the address; a proxy or a sign-in page of the network may have answered in the service's place.",
    CheckEndpoint => "It came from the service, or from what answers in its place: check the endpoint, and what is on the way to it.",
    CheckRedirect => "Check the address: the service itself does not redirect elsewhere, but a sign-in page of the network may.",

    RaiseLimit => "Close what is not needed, send fewer documents at once, or allow this process more open files (ulimit -n).",

    // Certificates.
    CheckScheme => "Check the address and its port: where the server speaks plain http, https:// is wrong.",
    CheckTls => "Check the address, and that nothing on the way speaks anything older than TLS 1.2.",
    CheckClock => "Check this machine's clock; if it is right, the server's owner has to renew the certificate.",
    CheckServer => "Check the address; if it is right, the server or something before it is set up wrongly.",
    TrustAuthority => "If you do not know that authority, somebody is in between: do not go on. If it is your organisation's own, as where a proxy inspects TLS, add its certificate to the system's trusted ones, or name a PEM file with it in SSL_CERT_FILE.",
    TrustCertificate => "If you do not know that certificate, somebody is in between: do not go on. If it is one of your own that signed itself, name a PEM file with exactly it in SSL_CERT_FILE, or issue a server's certificate with it.",
    ChangeSignature => "If that authority is your organisation's own, as where a proxy inspects TLS, have it issue certificates that are signed with RSA and SHA-256, or with ECDSA P-256 or P-384 and SHA-256 or SHA-384. If you do not know it, do not go on.",

    // The service.
    SignIn => "Sign in, or give an access token.",
    SignInAgain => "The token is missing, expired or not for this service: sign in again.",
    CheckPermission => "Sign in with an account and scopes that may do this, in a tenant that has Universal Print; PrintJob.ReadWrite and PrinterShare.ReadBasic.All print to a share.",
    SendLess => "The document or the range is larger than the service takes: choose a smaller chunk size.",
    TryLater => "Try again later.",
    Wait => "Wait that long.",
    WaitThenRunAgain => "Wait that long, then run the command again.",
    LookThenRunAgain => "It may have been done all the same: look, before you run the command again.",
    AskSupport => "Run the command again; if it stays so, ask the service's support with the request's id.",

    // The upload session.
    CheckDocument => "Check that the document is the one that the session was created for. If it is, create a new upload session and send it again.",
    CreateSessionAnew => "The upload URL is not accepted any more: create a new upload session and send the document again.",
    CheckNetworkRules => "Check what the network on the way to the service forbids, then create a new upload session and send the document again.",
    CheckOtherSenders => "Check whether something else sends to the same upload session.",
    CheckIntermediaries => "Check what on the way to the service changes or refuses requests.",
    CreateSessionIfMissing => "If the document did not arrive, create a new upload session and send it again.",
    LookThenCreateSession => "Look at the print job: the document may be complete. If not, create a new upload session.",
    LookBeforePrinting => "Look at the print job, and at the printer, before you print the document again.",
    DoNotPrint => "Do not print this document: cancel the job, create a new upload session and send it again.",

    // The same, where the command creates the session itself.
    CheckDocumentThenRunAgain => "Check that the document is whole and of the content type that was named, then run the command again.",
    CheckNetworkThenRunAgain => "Check what the network on the way to the service forbids, then run the command again.",

    // The document and its resume file.
    CheckDocumentIsWritten => "Check that the document was written whole.",
    CheckPath => "Check the path.",
    CheckPathAndDisk => "Check the path, and the disk or the share that it is on.",
    CheckDisk => "Check the disk or the share that it is on.",
    CheckFolder => "Check the folder, its permissions and the space on its disk.",
    CheckTarget => "Check the folder, its permissions and the space on its disk, and that no other program has the file open.",
    RunAsReader => "Run as a user who may read the file.",
    WaitForOtherUpload => "Wait until that one has ended, or give each upload a resume file of its own.",
    SendWhenUnchanged => "The service has no whole document. Create a new upload session, and send the file when nobody writes to it.",
    RunAgainWhenUnchanged => "The service has no whole document. Run the command again when nobody writes to the file.",
    CreateSessionToSendChanged => "To send the changed document, delete the resume file and create a new upload session.",

    // How an upload continues, or starts over.
    SendToSameUploadUrl => "Send the same document to the same upload URL again: it goes on where it stopped, as long as the session lasts.",
    RunAgainToGoOn => "Run the same command again: it goes on where it stopped, as long as the session lasts.",
    RunAgainToBeginAnew => "Run the command again; it sends the whole document.",
    RunAgainOrUseResumeFile => "Run the command again; it sends the whole document. With a resume file, or a folder of them, it would continue where it stopped.",
    RunAgainIfMissing => "Look at the print job. If the document did not arrive, run the command again.",
}

impl NextStep {
    /// The same for a command that creates its upload session itself, and so has none to create.
    pub(crate) fn without_session(self) -> Self {
        match self {
            Self::CheckDocument => Self::CheckDocumentThenRunAgain,
            Self::CheckNetworkRules => Self::CheckNetworkThenRunAgain,
            Self::CreateSessionAnew => Self::RunAgainToBeginAnew,
            Self::CreateSessionIfMissing | Self::LookThenCreateSession => Self::RunAgainIfMissing,
            other => other,
        }
    }
}

impl From<&'static str> for NextStep {
    fn from(words: &'static str) -> Self {
        Self::Words(words)
    }
}
