//! The running service: the listener, its connections, and what a test holds in its hand.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::Router;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tower_service::Service as _;
use uuid::Uuid;

use crate::faults::{CutConnection, FaultPlan};
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::line::Line;
use crate::registry::{Document, DocumentIds, NewDocument, Registry};
use crate::reply::Refusal;
use crate::service::Service;
use crate::settings::{Settings, Token};
use crate::{admin, conduct, faults, graph, journal, reply, upload};

/// A Universal Print service on 127.0.0.1. Dropping it ends it at once, whatever its connections were doing.
#[derive(Debug)]
pub struct Emulator {
    service: Arc<Service>,
    accepting: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
}

impl Emulator {
    /// Starts the service on the current tokio runtime.
    ///
    /// # Errors
    /// When the port cannot be bound, or the folder of [`Settings::state`] cannot be read.
    pub async fn start(mut settings: Settings) -> io::Result<Self> {
        let port = Port::take(settings.port).await?;
        let listener = port.listen()?;
        let origin = format!("http://{}", port.address);
        let token = settings.token.take().unwrap_or_else(|| Token(format!("emulator-{}", Uuid::new_v4().simple())));
        let registry = settings.state.as_deref().map_or_else(|| Ok(Registry::default()), Ledger::open)?;
        let service = Arc::new(Service::new(origin, token, settings, registry));
        let (stop, stopped) = oneshot::channel();
        let accepting = tokio::spawn(accept(port, listener, service.clone(), router(service.clone()), stopped));
        Ok(Self { service, accepting, stop: Some(stop) })
    }

    /// The endpoint, `http://127.0.0.1:PORT`: the same for Graph and for the upload URLs.
    pub fn url(&self) -> &str {
        &self.service.origin
    }

    /// The token that Graph requests must carry.
    pub fn token(&self) -> &str {
        &self.service.token.0
    }

    /// Makes a printer, its share, a job and its document, or those of them that are not there yet.
    ///
    /// # Errors
    /// A sentence, when an id is in use for something else.
    pub fn add_document(&self, new: NewDocument) -> Result<DocumentIds, String> {
        self.service.registry().add(new)
    }

    /// What is known of a document.
    pub fn document(&self, print_document_id: &str) -> Option<Document> {
        let registry = self.service.registry();
        registry.documents.get(print_document_id).cloned()
    }

    /// The bytes of a complete document; `None` when there is none, or its bytes were not kept.
    ///
    /// # Errors
    /// When the file without a name that holds them cannot be read.
    pub fn document_bytes(&self, print_document_id: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(document) = self.document(print_document_id) else {
            return Ok(None);
        };
        let (Some(region), Some(size)) = (document.bytes, document.size) else {
            return Ok(None);
        };
        let mut bytes = vec![0; size.try_into().map_err(io::Error::other)?];
        region.read(0, &mut bytes)?;
        Ok(Some(bytes))
    }

    /// Plans a fault.
    pub fn plan(&self, plan: FaultPlan) {
        self.service.faults.add(plan);
    }

    /// The planned faults that have yet to strike, or will strike again.
    pub fn pending_faults(&self) -> Vec<FaultPlan> {
        self.service.faults.pending()
    }

    /// Forgets the planned faults.
    pub fn clear_faults(&self) {
        self.service.clear_faults();
    }

    /// What was received.
    pub fn journal(&self) -> &Journal {
        &self.service.journal
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Settings {
        Settings::clone(&self.service.settings())
    }

    /// Changes the settings for what comes next; `port` and `token` stay as they were at the start.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings();
        change(&mut settings);
        self.service.change_settings(settings);
    }

    /// Every job, as JSON: `printJobId`, `state`, `details`, `starts`, `configuration`, `document`.
    pub fn jobs(&self) -> Vec<serde_json::Value> {
        self.service.registry().jobs()
    }

    /// Lets every upload session of a document expire now; says how many there were.
    pub fn expire_sessions(&self, print_document_id: &str) -> usize {
        self.service.expire_sessions(print_document_id)
    }

    /// Forgets printers, jobs, documents, sessions, planned faults and the journal. Settings and token stay.
    pub fn reset(&self) {
        self.service.reset();
    }

    /// Ends the service and waits until its port and connections are closed.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        let _ = (&mut self.accepting).await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // The task owns the listener and, in a JoinSet, every connection.
        self.accepting.abort();
    }
}

/// A port of 127.0.0.1 that stays ours while nobody listens at it: connections are refused then.
#[derive(Debug)]
struct Port {
    address: SocketAddr,
    /// Bound and never listening.
    #[cfg(unix)]
    _reserved: TcpSocket,
}

impl Port {
    async fn take(port: u16) -> io::Result<Self> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        // Whoever listens there already would share the port with the sockets below; this one does not share.
        let probe = TcpListener::bind(wanted).await?;
        #[cfg(unix)]
        {
            drop(probe);
            let reserved = socket_for(wanted)?;
            let address = reserved.local_addr()?;
            Ok(Self { address, _reserved: reserved })
        }
        #[cfg(not(unix))]
        Ok(Self { address: probe.local_addr()? })
    }

    fn listen(&self) -> io::Result<TcpListener> {
        socket_for(self.address)?.listen(1024)
    }
}

fn socket_for(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    #[cfg(unix)]
    {
        socket.set_reuseaddr(true)?;
        socket.set_reuseport(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(
    port: Port,
    listener: TcpListener,
    service: Arc<Service>,
    router: Router,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut listener = Some(listener);
    let mut outages = service.outages.subscribe();
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        let accepted = tokio::select! {
            accepted = accepted(listener.as_ref()) => accepted,
            Some(_) = connections.join_next() => continue,
            Ok(()) = outages.changed() => {
                let away = *outages.borrow_and_update();
                if away.is_zero() {
                    continue;
                }
                drop(listener.take());
                // As if the process had been killed: the system ends what is open.
                connections.shutdown().await;
                tokio::select! {
                    () = tokio::time::sleep(away) => {}
                    // It is back before its time, or another outage begins when this one ends.
                    Ok(()) = outages.changed() => outages.mark_changed(),
                    _ = &mut stopped => return,
                }
                listener = port.listen().ok();
                continue;
            }
            _ = &mut stopped => return connections.shutdown().await,
        };
        match accepted {
            Ok((stream, _)) => {
                number += 1;
                service.journal.connection_accepted();
                // Answers are written whole; waiting to fill a segment would only delay them.
                let _ = stream.set_nodelay(true);
                connections.spawn(serve(Line::new(stream, number), service.clone(), router.clone()));
            }
            // Out of file descriptors, most likely: one of ours, or another program's, has to be freed first.
            Err(_) => tokio::select! {
                Some(_) = connections.join_next() => {}
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
            },
        }
    }
}

async fn accepted(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn serve(line: Line, service: Arc<Service>, router: Router) {
    if let Some(CutConnection { after_bytes, how }) = service.faults.due_at_connection() {
        line.read_raw(after_bytes).await;
        return line.end(how).await;
    }
    let cut = {
        let carried = line.clone();
        let connection =
            hyper::server::conn::http1::Builder::new().keep_alive(service.settings().keep_alive).serve_connection(
                TokioIo::new(line.wire()),
                service_fn(move |request: hyper::Request<Incoming>| {
                    let mut request = request.map(Body::new);
                    request.extensions_mut().insert(carried.clone());
                    router.clone().call(request)
                }),
            );
        let mut connection = std::pin::pin!(connection);
        let mut closing = false;
        loop {
            tokio::select! {
                // A cut fails what hyper does next, so the connection may end first.
                _ = &mut connection => break line.asked_cut(),
                cut = line.severed() => break Some(cut),
                () = line.closing(), if !closing => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    };
    if let Some(cut) = cut {
        line.end(cut).await;
    }
}

fn router(service: Arc<Service>) -> Router {
    // From the outside in: the journal, the client's conduct, the answer's ids, the faults, and what the client did wrong.
    graph::routes(&service)
        .merge(upload::routes())
        .fallback(nothing_here)
        .layer(from_fn(journal::judge))
        .layer(from_fn_with_state(service.clone(), faults::strike))
        .layer(from_fn(reply::identify))
        .layer(from_fn_with_state(service.clone(), conduct::watch))
        .layer(from_fn_with_state(service.clone(), journal::record))
        .merge(admin::routes())
        .with_state(service)
}

async fn nothing_here(request: Request) -> Refusal {
    let path = request.uri().path().to_owned();
    upload::read_out(request).await;
    Refusal::not_found(format!("There is nothing at the path '{path}'.")).violation()
}
