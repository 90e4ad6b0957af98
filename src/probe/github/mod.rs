//! What the morning checklist asks of GitHub: which issues block, and which pull requests wait for review.
//! It only reads; the token goes to the configured host alone; every answer has a limit of size, time and
//! count, and says when a limit left something out.

mod cache;
mod checks;
mod error;
mod gate;
mod issues;
mod limits;
mod link;
mod pages;
mod pulls;
mod repository;
mod request;
mod reviews;
mod shortfall;
#[cfg(test)]
mod tests;
mod text;
mod wire;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Certificate, Client, Proxy, Url};

pub use checks::Checks;
pub use error::{GitHubError, Kind};
pub use issues::{Blocking, BlockingIssue, Criteria};
pub use pulls::{Inspection, PullRequest, PullRequests};
pub use repository::Repository;
pub use reviews::ReviewState;
pub use shortfall::{Part, Shortfall};

use crate::outbound::{Range, SetupError, check_cryptography};
use crate::secret::Secret;
use cache::{Cache, Identity};
use gate::Gate;

/// Where github.com answers.
const GITHUB_COM: &str = "https://api.github.com";
/// Where `localhost` is; the port is that of the base address.
const LOCALHOST: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];
const URL_BYTES_MAX: usize = 2048;
const TOKEN_BYTES_MAX: usize = 1024;

/// What a [`GitHub`] is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where its interface answers: `https://api.github.com`, or `https://HOST/api/v3` for a server of one's
    /// own.
    pub base_url: String,
    /// The token; public repositories can be read without one, some sixty times an hour.
    pub token: Option<Secret>,
    /// Where the operator sets the token, as sentences call it.
    pub token_setting: String,
    /// The proxy on the way, `http://HOST:PORT`; kept like a secret, as it may hold a password. Proxies of
    /// the environment are not asked for.
    pub proxy: Option<Secret>,
    /// The certificates (PEM) that the server's is checked against, in place of the system's; none = those.
    pub authorities: Option<Vec<u8>>,
    /// What the daemon calls itself; GitHub refuses who does not.
    pub user_agent: String,
    /// How long a connection may take, its encryption included.
    pub connect_timeout: Duration,
    /// How long one request may take, to the last byte of its answer.
    pub request_timeout: Duration,
    /// How long one call may take, with all its requests and pauses.
    pub call_timeout: Duration,
    /// How often a request is repeated after it failed on the way.
    pub retries: usize,
    /// The pause before the first repetition; it doubles and is lengthened by chance up to twice.
    pub retry_pause: Duration,
    /// Bytes of one answer.
    pub body_bytes_max: usize,
    /// Pages of one list, of 50 entries each.
    pub pages_max: usize,
    /// Answers that are kept to be asked for again.
    pub cache_entries_max: usize,
    /// Bytes of the answers that are kept.
    pub cache_bytes_max: usize,
    /// Requests under way at one time.
    pub parallel: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base_url: GITHUB_COM.to_owned(),
            token: None,
            token_setting: "[github] token".to_owned(),
            proxy: None,
            authorities: None,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(15),
            call_timeout: Duration::from_secs(60),
            retries: 3,
            retry_pause: Duration::from_millis(500),
            body_bytes_max: 8 << 20,
            pages_max: 10,
            cache_entries_max: 500,
            cache_bytes_max: 4 << 20,
            parallel: 4,
        }
    }
}

/// Asks GitHub. Cheap to clone; clones share connections, kept answers and the wait for a rate limit.
#[derive(Clone)]
pub struct GitHub {
    options: Arc<Options>,
    client: Client,
    base: Url,
    authorization: Option<HeaderValue>,
    identity: Identity,
    cache: Arc<Cache>,
    gate: Arc<Gate>,
}

impl GitHub {
    /// One for a host and a token. Nothing is sent yet.
    ///
    /// # Errors
    /// When an option cannot be used, or the process has no cryptography or no root certificates.
    pub fn new(options: Options) -> Result<Self, GitHubError> {
        let base = base(&options.base_url)?;
        check_cryptography().map_err(cannot_connect)?;
        let mut builder = Client::builder()
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_timeout)
            // Redirects are followed here, request by request, as far as they stay with the host.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // The token may be sent to this name without encryption, so no resolver gets to say where it is.
            .resolve_to_addrs("localhost", &LOCALHOST)
            .no_proxy();
        if let Some(proxy) = &options.proxy {
            builder = builder.proxy(through(proxy, &base)?);
        }
        if let Some(pem) = &options.authorities {
            builder = builder.tls_certs_only(authorities(pem)?);
        }
        let client = builder
            .build()
            .map_err(|error| match &options.authorities {
                // What stands in PEM form is only understood here.
                Some(_) => no_authority(),
                None => cannot_connect(SetupError::Client(error)),
            })?;
        let cache = Cache::new(options.cache_entries_max, options.cache_bytes_max);
        let authorization = authorization(&options)?;
        Ok(Self {
            identity: Identity::of(options.token.as_ref()),
            options: Arc::new(options),
            client,
            base,
            authorization,
            cache: Arc::new(cache),
            gate: Arc::default(),
        })
    }

    /// The same with another token: connections and kept answers are shared, rate limits are not, and
    /// neither token sees what the other was told.
    ///
    /// # Errors
    /// When the token cannot be used.
    pub fn with_token(&self, token: Option<Secret>) -> Result<Self, GitHubError> {
        let options = Options {
            token,
            ..(*self.options).clone()
        };
        Ok(Self {
            authorization: authorization(&options)?,
            identity: Identity::of(options.token.as_ref()),
            options: Arc::new(options),
            client: self.client.clone(),
            base: self.base.clone(),
            cache: Arc::clone(&self.cache),
            gate: Arc::default(),
        })
    }

    fn has_token(&self) -> bool {
        self.authorization.is_some()
    }

    /// The host, as sentences call it.
    fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }
}

impl fmt::Debug for GitHub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GitHub")
            .field("base", &self.base.as_str())
            .field("has_token", &self.has_token())
            .finish_non_exhaustive()
    }
}

fn cannot_connect(error: SetupError) -> GitHubError {
    let detail = request::chain(&error);
    GitHubError::not_configured(error.to_string()).with_detail(&detail, None)
}

/// Reads the certificates that a server's is checked against.
fn authorities(pem: &[u8]) -> Result<Vec<Certificate>, GitHubError> {
    let read = Certificate::from_pem_bundle(pem).map_err(|_| no_authority())?;
    if read.is_empty() {
        return Err(no_authority());
    }
    Ok(read)
}

fn no_authority() -> GitHubError {
    GitHubError::not_configured(
        "what GitHub's certificate is to be checked against holds no certificate; give one or more in PEM form"
            .to_owned(),
    )
}

/// Reads the base address.
fn base(text: &str) -> Result<Url, GitHubError> {
    let wrong = |what: &str| {
        Err(GitHubError::not_configured(format!(
            "the base address of GitHub {what}; use {GITHUB_COM}, or https://HOST/api/v3 for a server of your own"
        )))
    };
    if text.len() > URL_BYTES_MAX {
        return wrong("is too long");
    }
    let Ok(mut url) = Url::parse(text.trim()) else {
        return wrong("is no web address");
    };
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
        return wrong("is no web address");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("holds a user name or password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("has something behind its path");
    }
    if matches!(url.host_str(), Some("github.com" | "www.github.com")) {
        return wrong("is that of its pages for people");
    }
    // A token could be read on the way, and what comes back could be anybody's.
    if url.scheme() != "https" && !is_own_machine(&url) {
        return wrong(
            "would be asked without encryption, which is for a server on this machine alone",
        );
    }
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty();
    }
    Ok(url)
}

/// Whether what is sent to an address stays on this machine.
fn is_own_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
    match literal {
        Ok(address) => Range::of(address) == Range::Loopback,
        Err(_) => host == "localhost",
    }
}

/// The header with the token.
fn authorization(options: &Options) -> Result<Option<HeaderValue>, GitHubError> {
    let Some(token) = &options.token else {
        return Ok(None);
    };
    let setting = &options.token_setting;
    let text = token.expose();
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let fits = (1..=TOKEN_BYTES_MAX).contains(&text.len()) && plain;
    let header = HeaderValue::from_str(&format!("Bearer {text}"));
    match header {
        Ok(mut header) if fits => {
            header.set_sensitive(true);
            Ok(Some(header))
        }
        Ok(_) | Err(_) => Err(GitHubError::not_configured(format!(
            "the token of GitHub is empty, too long or holds characters that no token has; set it again in {setting}"
        ))),
    }
}

/// The proxy on the way. Through it only what is encrypted is sent.
fn through(proxy: &Secret, base: &Url) -> Result<Proxy, GitHubError> {
    if base.scheme() != "https" {
        return Err(GitHubError::not_configured(
            "a proxy would see what is sent to GitHub without encryption; use a base address with https, or no proxy",
        ));
    }
    let url = Url::parse(proxy.expose()).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.and_then(|url| Proxy::all(url).ok()).ok_or_else(|| {
        GitHubError::not_configured(
            "the proxy for GitHub is no web address; write one like http://proxy.example:3128",
        )
    })
}
