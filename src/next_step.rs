//! What the person at the prompt can do about an error: the words that are long, or of several places.

macro_rules! table {
    ($($name:ident = $words:literal;)*) => { $(pub(crate) const $name: &str = $words;)* };
}

table! {
    // What was given.
    GIVE_GRAPH_ENDPOINT = "Give the address of the Graph service, such as https://graph.microsoft.com, https://graph.microsoft.us or https://dod-graph.microsoft.us.";
    GIVE_PROXY = "Give an address such as http://proxy.example.com:8080; in a user name or a password, write / as %2F, \\ as %5C, ? as %3F, # as %23 and @ as %40.";
    GIVE_ID = "Give the id as the service shows it.";
    CORRECT_HEADER = "Give a name of letters, digits and hyphens, and a value of plain text on one line.";

    // The network.
    CHECK_CONNECTION = "Check the network connection and the address, then run the command again.";
    CHECK_BROKEN_CONNECTION = "Check the network connection, then run the command again.";
    ALLOW_MORE_TIME = "Check the connection, then run the command again; on a slow network allow a longer time-out.";
    CHECK_PROXY = "Check the proxy's address, that it lets this machine through, and the user name and password where it wants them. Nothing was sent around it.";
    CHECK_RESPONDER = "Check the address; a proxy or a sign-in page of the network may have answered in the service's place.";
    CHECK_ENDPOINT = "It came from the service, or from what answers in its place: check the endpoint, and what is on the way to it.";
    CHECK_REDIRECT = "Check the address: the service itself does not redirect elsewhere, but a sign-in page of the network may.";

    RAISE_LIMIT = "Close what is not needed, send fewer documents at once, or allow this process more open files (ulimit -n).";

    // Certificates.
    CHECK_CLOCK = "Check this machine's clock; if it is right, the server's owner has to renew the certificate.";
    CHECK_SERVER = "Check the address; if it is right, the server or something before it is set up wrongly.";
    TRUST_AUTHORITY = "If you do not know that authority, somebody is in between: do not go on. If it is your organisation's own, as where a proxy inspects TLS, add its certificate to the system's trusted ones, or name a PEM file with it in SSL_CERT_FILE.";
    TRUST_CERTIFICATE = "If you do not know that certificate, somebody is in between: do not go on. If it is one of your own that signed itself, name a PEM file with exactly it in SSL_CERT_FILE, or issue a server's certificate with it.";
    CHANGE_SIGNATURE = "If that authority is your organisation's own, as where a proxy inspects TLS, have it issue certificates that are signed with RSA and SHA-256, or with ECDSA P-256 or P-384 and SHA-256 or SHA-384. If you do not know it, do not go on.";

    // The service.
    CHECK_PERMISSION = "Sign in with an account and scopes that may do this, in a tenant that has Universal Print; PrintJob.ReadWrite and PrinterShare.ReadBasic.All print to a share.";
    SEND_LESS = "The document or the range is larger than the service takes: choose a smaller chunk size.";
    TRY_LATER = "Try again later.";
    WAIT_THEN_RUN_AGAIN = "Wait that long, then run the command again.";
    LOOK_THEN_RUN_AGAIN = "It may have been done all the same: look, before you run the command again.";
    ASK_SUPPORT = "Run the command again; if it stays so, ask the service's support with the request's id.";

    // The upload session.
    CHECK_DOCUMENT = "Check that the document is the one that the session was created for. If it is, create a new upload session and send it again.";
    CREATE_SESSION_ANEW = "The upload URL is not accepted any more: create a new upload session and send the document again.";
    CHECK_NETWORK_RULES = "Check what the network on the way to the service forbids, then create a new upload session and send the document again.";
    CREATE_SESSION_IF_MISSING = "If the document did not arrive, create a new upload session and send it again.";
    LOOK_THEN_CREATE_SESSION = "Look at the print job: the document may be complete. If not, create a new upload session.";
    LOOK_BEFORE_PRINTING = "Look at the print job, and at the printer, before you print the document again.";

    // The same, where the command creates the session itself.
    CHECK_DOCUMENT_THEN_RUN_AGAIN = "Check that the document is whole and of the content type that was named, then run the command again.";
    CHECK_NETWORK_THEN_RUN_AGAIN = "Check what the network on the way to the service forbids, then run the command again.";

    // The document and its resume file.
    CHECK_TARGET = "Check the folder, its permissions and the space on its disk, and that no other program has the file open.";
    SEND_WHEN_UNCHANGED = "The service has no whole document. Create a new upload session, and send the file when nobody writes to it.";
    RUN_AGAIN_WHEN_UNCHANGED = "The service has no whole document. Run the command again when nobody writes to the file.";

    // How an upload continues, or starts over.
    SEND_TO_SAME_UPLOAD_URL = "Send the same document to the same upload URL again: it goes on where it stopped, as long as the session lasts.";
    RUN_AGAIN_TO_BEGIN_ANEW = "Run the command again; it sends the whole document.";
    RUN_AGAIN_OR_USE_RESUME_FILE = "Run the command again; it sends the whole document. With a resume file, or a folder of them, it would continue where it stopped.";
    RUN_AGAIN_IF_MISSING = "Look at the print job. If the document did not arrive, run the command again.";
}

/// The same for a command that creates its upload session itself, and so has none to create.
pub(crate) fn without_session(next_step: &str) -> Option<&'static str> {
    Some(match next_step {
        CHECK_DOCUMENT => CHECK_DOCUMENT_THEN_RUN_AGAIN,
        CHECK_NETWORK_RULES => CHECK_NETWORK_THEN_RUN_AGAIN,
        CREATE_SESSION_ANEW => RUN_AGAIN_TO_BEGIN_ANEW,
        CREATE_SESSION_IF_MISSING | LOOK_THEN_CREATE_SESSION => RUN_AGAIN_IF_MISSING,
        _ => return None,
    })
}
