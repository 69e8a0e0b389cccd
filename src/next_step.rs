//! What the person at the prompt can do about an error: one table, put into words where an error is read.

use std::borrow::Cow;

macro_rules! next_steps {
    ($($name:ident = $words:literal;)*) => {
        /// What to do about an error.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) enum NextStep {
            $($name,)*
            /// Words of a single place; empty for nothing that the message does not say.
            Words(Cow<'static, str>),
        }

        impl NextStep {
            pub(crate) fn in_words(&self) -> &str {
                match self {
                    $(Self::$name => $words,)*
                    Self::Words(words) => words,
                }
            }
        }
    };
}

next_steps! {
    // What was given.
    GiveGraphEndpoint = "Give the address of the Graph service, such as https://graph.microsoft.com, https://graph.microsoft.us or https://dod-graph.microsoft.us.";
    GiveProxy = "Give an address such as http://proxy.example.com:8080; in a user name or a password, write / as %2F, \\ as %5C, ? as %3F, # as %23 and @ as %40.";
    GiveId = "Give the id as the service shows it.";
    CorrectHeader = "Give a name of letters, digits and hyphens, and a value of plain text on one line.";

    // The network.
    CheckConnection = "Check the network connection and the address, then run the command again.";
    CheckBrokenConnection = "Check the network connection, then run the command again.";
    AllowMoreTime = "Check the connection, then run the command again; on a slow network allow a longer time-out.";
    CheckProxy = "Check the proxy's address, that it lets this machine through, and the user name and password where it wants them. Nothing was sent around it.";
    CheckResponder = "Check the address; a proxy or a sign-in page of the network may have answered in the service's place.";
    CheckEndpoint = "It came from the service, or from what answers in its place: check the endpoint, and what is on the way to it.";
    CheckRedirect = "Check the address: the service itself does not redirect elsewhere, but a sign-in page of the network may.";

    RaiseLimit = "Close what is not needed, send fewer documents at once, or allow this process more open files (ulimit -n).";

    // Certificates.
    CheckClock = "Check this machine's clock; if it is right, the server's owner has to renew the certificate.";
    CheckServer = "Check the address; if it is right, the server or something before it is set up wrongly.";
    TrustAuthority = "If you do not know that authority, somebody is in between: do not go on. If it is your organisation's own, as where a proxy inspects TLS, add its certificate to the system's trusted ones, or name a PEM file with it in SSL_CERT_FILE.";
    TrustCertificate = "If you do not know that certificate, somebody is in between: do not go on. If it is one of your own that signed itself, name a PEM file with exactly it in SSL_CERT_FILE, or issue a server's certificate with it.";
    ChangeSignature = "If that authority is your organisation's own, as where a proxy inspects TLS, have it issue certificates that are signed with RSA and SHA-256, or with ECDSA P-256 or P-384 and SHA-256 or SHA-384. If you do not know it, do not go on.";

    // The service.
    CheckPermission = "Sign in with an account and scopes that may do this, in a tenant that has Universal Print; PrintJob.ReadWrite and PrinterShare.ReadBasic.All print to a share.";
    TryLater = "Try again later.";
    WaitThenRunAgain = "Wait that long, then run the command again.";
    LookThenRunAgain = "It may have been done all the same: look, before you run the command again.";
    AskSupport = "Run the command again; if it stays so, ask the service's support with the request's id.";

    // The upload session.
    CheckDocument = "Check that the document is the one that the session was created for. If it is, create a new upload session and send it again.";
    CreateSessionAnew = "The upload URL is not accepted any more: create a new upload session and send the document again.";
    CheckNetworkRules = "Check what the network on the way to the service forbids, then create a new upload session and send the document again.";
    CreateSessionIfMissing = "If the document did not arrive, create a new upload session and send it again.";
    LookThenCreateSession = "Look at the print job: the document may be complete. If not, create a new upload session.";
    LookBeforePrinting = "Look at the print job, and at the printer, before you print the document again.";

    // The same, where the command creates the session itself.
    CheckDocumentThenRunAgain = "Check that the document is whole and of the content type that was named, then run the command again.";
    CheckNetworkThenRunAgain = "Check what the network on the way to the service forbids, then run the command again.";

    // The document and its resume file.
    CheckTarget = "Check the folder, its permissions and the space on its disk, and that no other program has the file open.";
    SendWhenUnchanged = "The service has no whole document. Create a new upload session, and send the file when nobody writes to it.";
    RunAgainWhenUnchanged = "The service has no whole document. Run the command again when nobody writes to the file.";

    // How an upload continues, or starts over.
    SendToSameUploadUrl = "Send the same document to the same upload URL again: it goes on where it stopped, as long as the session lasts.";
    RunAgainToBeginAnew = "Run the command again; it sends the whole document.";
    RunAgainOrUseResumeFile = "Run the command again; it sends the whole document. With a resume file, or a folder of them, it would continue where it stopped.";
    RunAgainIfMissing = "Look at the print job. If the document did not arrive, run the command again.";
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

impl Default for NextStep {
    fn default() -> Self {
        Self::from("")
    }
}

impl From<&'static str> for NextStep {
    fn from(words: &'static str) -> Self {
        Self::Words(words.into())
    }
}

impl From<String> for NextStep {
    fn from(words: String) -> Self {
        Self::Words(words.into())
    }
}
