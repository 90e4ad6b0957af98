//! Where the daemon sends what users told it to send: an address that a user typed reaches nothing inside
//! the network unless the configuration allows it. A name is judged by the addresses that are then connected
//! to, so one that changes its address in between gains nothing, and redirects are not followed.

mod range;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Method, RequestBuilder, Response, Url};

pub use range::{Network, Range};

/// Bytes that an address may take.
const URL_BYTES_MAX: usize = 2048;
/// Characters of a host name, as the name system has it.
const HOST_CHARS_MAX: usize = 253;
/// Addresses of one name that are looked at.
const ADDRESSES_MAX: usize = 32;

/// What of the inside may be reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Whether private, unique local, shared and loopback addresses may be reached. Link-local addresses,
    /// metadata, multicast and reserved ones stay out of reach.
    pub allow_private: bool,
    /// Ranges that may be reached whatever they are, multicast and "no address" excepted. An address of
    /// cloud metadata must be listed by itself: a wider range does not open it.
    pub networks: Vec<Network>,
}

impl Rules {
    /// Whether an address may be connected to.
    pub fn permit(&self, address: IpAddr) -> bool {
        let range = Range::of(address);
        let mut listed = self
            .networks
            .iter()
            .filter(|network| network.holds(address));
        match range {
            Range::Public => true,
            Range::Unspecified | Range::Multicast => false,
            Range::Metadata => listed.any(Network::is_single),
            Range::Private | Range::Loopback | Range::UniqueLocal | Range::CarrierNat => {
                self.allow_private || listed.next().is_some()
            }
            Range::LinkLocal | Range::Documentation | Range::Reserved => listed.next().is_some(),
        }
    }
}

/// Why nothing is sent to an address. No text holds more of it than the host: the rest may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no address of the web.
    #[error("this is no web address; write one like https://example.com/hook")]
    Malformed,
    /// It is too long.
    #[error("the web address has more than {URL_BYTES_MAX} bytes; use a shorter one")]
    TooLong,
    /// It holds a user name or a password, which would be shown wherever the address is.
    #[error("the web address of {host} holds a user name or password; leave them out")]
    Credentials {
        /// The host.
        host: String,
    },
    /// It is not encrypted.
    #[error(
        "{host} is not addressed with https; plain http is only for this machine, once private addresses are allowed"
    )]
    Unencrypted {
        /// The host.
        host: String,
    },
    /// It leads to a place that may not be reached.
    #[error(
        "{host} leads to {}; give a public address, or let the daemon's settings allow this one",
        .range.in_words()
    )]
    Inside {
        /// The host.
        host: String,
        /// What kind of place.
        range: Range,
    },
    /// Its name has no address.
    #[error("{host} has no address; check the name, or try again later")]
    Unknown {
        /// The host.
        host: String,
    },
    /// Its name was not resolved in time.
    #[error("the name {host} was not resolved within {lookup_ms} ms; try again later")]
    Unresolved {
        /// The host.
        host: String,
        /// How long it was waited for, in milliseconds.
        lookup_ms: u64,
    },
}

/// Why nothing can be sent at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The process has no cryptography.
    #[error(
        "no cryptography is installed; install one as the first thing of the process, before anything is sent"
    )]
    NoCryptography,
    /// The client could not be made.
    #[error(
        "no connection can be prepared; check that the system's root certificates are installed (ca-certificates)"
    )]
    Client(#[source] reqwest::Error),
}

/// What an [`Outbound`] is made of.
#[derive(Debug, Clone)]
pub struct OutboundOptions {
    /// What may be reached.
    pub rules: Rules,
    /// How long a name may take to resolve.
    pub lookup_timeout: Duration,
    /// How long a connection may take, its encryption included.
    pub connect_timeout: Duration,
    /// How long a request may take, from its beginning to the last byte of its answer.
    pub request_timeout: Duration,
    /// What the daemon calls itself.
    pub user_agent: String,
}

impl Default for OutboundOptions {
    fn default() -> Self {
        Self {
            rules: Rules::default(),
            lookup_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(15),
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// What a lookup is going to say.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Tells the addresses of a name. What it says is checked, so it need not be trusted.
pub trait Lookup: Send + Sync + 'static {
    /// The addresses of a host name.
    fn addresses(&self, host: &str) -> Found;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, host: &str) -> Found {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.take(ADDRESSES_MAX).map(|found| found.ip()).collect())
        })
    }
}

/// A web address that may be sent to. Shown without path and query, which are often the secret of a hook.
#[derive(Clone, PartialEq, Eq)]
pub struct Destination {
    url: Url,
    host: String,
}

impl Destination {
    /// The whole address, for sending only.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The host: a name, or an address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address itself, when the host is no name.
    fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.url.scheme();
        match self.url.port() {
            Some(port) => write!(formatter, "{scheme}://{}:{port}", self.host),
            None => write!(formatter, "{scheme}://{}", self.host),
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Destination({self})")
    }
}

/// Sends to addresses that users gave. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Outbound {
    client: Client,
    names: Arc<CheckedNames>,
}

impl Outbound {
    /// One that asks the operating system for names.
    ///
    /// # Errors
    /// When the process has no cryptography or no root certificates.
    pub fn new(options: OutboundOptions) -> Result<Self, SetupError> {
        Self::with_lookup(options, Arc::new(SystemLookup))
    }

    /// One that asks `lookup` for names.
    ///
    /// # Errors
    /// As [`Outbound::new`].
    pub fn with_lookup(
        options: OutboundOptions,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, SetupError> {
        check_cryptography()?;
        let names = Arc::new(CheckedNames {
            rules: options.rules,
            lookup,
            timeout: options.lookup_timeout,
        });
        let client = Client::builder()
            .user_agent(options.user_agent)
            .connect_timeout(options.connect_timeout)
            .timeout(options.request_timeout)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would resolve the name itself, and reach what is refused here.
            .no_proxy()
            .referer(false)
            .dns_resolver(Resolver(Arc::clone(&names)))
            .build()
            .map_err(SetupError::Client)?;
        Ok(Self { client, names })
    }

    /// Reads an address that a user gave. A name is not resolved yet; see [`Outbound::check`].
    ///
    /// # Errors
    /// What is wrong with the address.
    pub fn destination(&self, text: &str) -> Result<Destination, Refusal> {
        if text.len() > URL_BYTES_MAX {
            return Err(Refusal::TooLong);
        }
        let mut url = Url::parse(text.trim()).map_err(|_| Refusal::Malformed)?;
        url.set_fragment(None);
        let host = match url.host_str() {
            Some(host) => host.trim_start_matches('[').trim_end_matches(']'),
            None => return Err(Refusal::Malformed),
        };
        let sound = !host.is_empty() && host.len() <= HOST_CHARS_MAX && url.port() != Some(0);
        if !sound || !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Malformed);
        }
        let host = host.to_owned();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials { host });
        }
        let encrypted = url.scheme() == "https";
        let destination = Destination { url, host };
        self.names.permit_literal(&destination)?;
        if !encrypted && !self.names.is_own_machine(&destination) {
            let host = destination.host;
            return Err(Refusal::Unencrypted { host });
        }
        Ok(destination)
    }

    /// Resolves the host as sending would, to say early that it may not be reached. Sending checks again.
    ///
    /// # Errors
    /// Why it may not be reached.
    pub async fn check(&self, destination: &Destination) -> Result<(), Refusal> {
        match destination.literal() {
            Some(_) => self.names.permit_literal(destination),
            None => self.names.addresses(&destination.host).await.map(drop),
        }
    }

    /// Begins a request. It fails with a [`Refusal`] in its chain when the host leads to where it may not;
    /// [`refusal`] finds it. The answer's body has no limit of its own: read it with [`body_at_most`].
    ///
    /// # Errors
    /// When the destination was read under rules that allowed more than these.
    pub fn request(
        &self,
        method: Method,
        destination: &Destination,
    ) -> Result<RequestBuilder, Refusal> {
        self.names.permit_literal(destination)?;
        Ok(self.client.request(method, destination.url.clone()))
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = &self.names.rules;
        formatter
            .debug_struct("Outbound")
            .field("rules", rules)
            .finish_non_exhaustive()
    }
}

/// The refusal behind a failed request, if that is why it failed.
pub fn refusal(error: &reqwest::Error) -> Option<&Refusal> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return Some(refusal);
        }
        cause = error.source();
    }
    None
}

/// Whether the process has cryptography; without it making a client would panic.
///
/// # Errors
/// When it has none.
pub fn check_cryptography() -> Result<(), SetupError> {
    match rustls::crypto::CryptoProvider::get_default() {
        Some(_) => Ok(()),
        None => Err(SetupError::NoCryptography),
    }
}

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// It is longer than what is read.
    #[error("the answer has more than {bytes_max} bytes; nothing of it was used")]
    TooLong {
        /// How many bytes are read at most.
        bytes_max: usize,
    },
    /// It broke off.
    #[error("the answer broke off; try again")]
    Broken(#[source] reqwest::Error),
}

/// Reads a body of at most so many bytes. A longer one is left as soon as that is known.
///
/// # Errors
/// When it is longer or breaks off.
pub async fn body_at_most(mut response: Response, bytes_max: usize) -> Result<Vec<u8>, BodyError> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |announced| announced > bytes_max) {
        return Err(BodyError::TooLong { bytes_max });
    }
    // What is announced need not come: room is made for what has come.
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await;
        let chunk = chunk.map_err(|error| BodyError::Broken(error.without_url()))?;
        let Some(chunk) = chunk else {
            return Ok(body);
        };
        if body.len() + chunk.len() > bytes_max {
            return Err(BodyError::TooLong { bytes_max });
        }
        body.extend_from_slice(&chunk);
    }
}

/// Resolves names to addresses that may be connected to. The connection is made to what comes from here.
struct CheckedNames {
    rules: Rules,
    lookup: Arc<dyn Lookup>,
    timeout: Duration,
}

impl CheckedNames {
    /// Refuses a host that is an address which may not be reached: such a host is never looked up.
    fn permit_literal(&self, destination: &Destination) -> Result<(), Refusal> {
        match destination.literal() {
            Some(address) if !self.rules.permit(address) => Err(Refusal::Inside {
                host: destination.host.clone(),
                range: Range::of(address),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a destination cannot be anywhere but on this machine, and that is allowed.
    fn is_own_machine(&self, destination: &Destination) -> bool {
        match destination.literal() {
            Some(address) => Range::of(address) == Range::Loopback,
            None => {
                let loopback = IpAddr::from([127, 0, 0, 1]);
                is_localhost(&destination.host) && self.rules.permit(loopback)
            }
        }
    }

    /// The addresses of a name. One that may not be reached refuses all: a name that points inside and
    /// outside has no honest use.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Refusal> {
        let owned = || host.to_owned();
        let found = tokio::time::timeout(self.timeout, self.lookup.addresses(host)).await;
        let mut found = match found {
            Ok(Ok(found)) => found,
            Ok(Err(_)) => return Err(Refusal::Unknown { host: owned() }),
            Err(_) => {
                let lookup_ms = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX);
                let host = owned();
                return Err(Refusal::Unresolved { host, lookup_ms });
            }
        };
        found.truncate(ADDRESSES_MAX);
        if found.is_empty() {
            return Err(Refusal::Unknown { host: owned() });
        }
        for address in &found {
            let range = Range::of(*address);
            // Plain http is allowed to this name, so it must not lead away from this machine.
            let astray = is_localhost(host) && range != Range::Loopback;
            if astray || !self.rules.permit(*address) {
                let host = owned();
                return Err(Refusal::Inside { host, range });
            }
        }
        Ok(found)
    }
}

/// What the client is given to resolve names with.
struct Resolver(Arc<CheckedNames>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let names = Arc::clone(&self.0);
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            // The port of the address that was asked for takes the place of 0.
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            let found: Addrs = Box::new(found);
            Ok(found)
        })
    }
}

fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host == "localhost" || host.ends_with(".localhost")
}
