//! The hosts that are reached without the proxy.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// A `NO_PROXY` list.
#[derive(Clone, Debug, Default)]
pub(crate) struct NoProxy(Vec<(Target, Option<u16>)>);

#[derive(Clone, Debug)]
enum Target {
    All,
    Network(IpNet),
    Domain(String),
}

impl NoProxy {
    pub(crate) fn parse(list: &str) -> Self {
        NoProxy(list.split([',', ' ', ';']).map(str::trim).filter(|entry| !entry.is_empty()).map(Self::entry).collect())
    }

    fn entry(entry: &str) -> (Target, Option<u16>) {
        if entry == "*" {
            return (Target::All, None);
        }
        if let Some(network) = network(entry) {
            return (Target::Network(network), None);
        }
        let (name, port) = match entry.rsplit_once(':').map(|(name, port)| (name, port.parse())) {
            Some((name, Ok(port))) => (name, Some(port)),
            _ => (entry, None),
        };
        let target = network(name).map_or_else(
            || Target::Domain(name.trim_start_matches("*.").trim_matches('.').to_ascii_lowercase()),
            Target::Network,
        );
        (target, port)
    }

    pub(crate) fn covers(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        self.0.iter().any(|(target, only_port)| (only_port.is_none() || *only_port == port) && target.covers(url))
    }
}

fn network(text: &str) -> Option<IpNet> {
    let text = text.trim_start_matches('[').trim_end_matches(']');
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

impl Target {
    fn covers(&self, url: &Url) -> bool {
        match (self, url.host()) {
            (Self::All, _) => true,
            (Self::Network(network), Some(Host::Ipv4(address))) => network.contains(&IpAddr::from(address)),
            (Self::Network(network), Some(Host::Ipv6(address))) => network.contains(&IpAddr::from(address)),
            (Self::Domain(domain), Some(Host::Domain(host))) => {
                let host = host.trim_end_matches('.');
                host == domain || host.strip_suffix(domain.as_str()).is_some_and(|before| before.ends_with('.'))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::http::proxy::Proxy;

    fn takes(list: &str, url: &str) -> bool {
        Proxy::parse("http://proxy:8080").unwrap().bypassing(list).takes(&url.parse().unwrap())
    }

    #[test]
    fn loopback_never_goes_through_a_proxy() {
        for url in ["http://127.0.0.1:5/", "http://localhost/", "http://[::1]:9/", "http://127.9.9.9/"] {
            assert!(!takes("", url), "{url}");
        }
        assert!(takes("", "https://graph.microsoft.com/"));
    }

    #[test]
    fn the_list_names_hosts_domains_networks_and_ports() {
        for (list, url, through) in [
            ("graph.microsoft.com", "https://graph.microsoft.com/", false),
            ("microsoft.com", "https://graph.microsoft.com/", false),
            (".microsoft.com, x", "https://GRAPH.microsoft.com/", false),
            ("*.microsoft.com", "https://graph.microsoft.com/", false),
            ("soft.com", "https://graph.microsoft.com/", true),
            ("microsoft.com:8443", "https://graph.microsoft.com/", true),
            ("microsoft.com:443", "https://graph.microsoft.com/", false),
            ("10.0.0.0/8", "https://10.2.3.4/", false),
            ("10.0.0.0/8", "https://11.2.3.4/", true),
            ("10.1.1.1:443", "https://10.1.1.1/", false),
            ("fd00::/8", "https://[fd00::1]/", false),
            ("*", "https://graph.microsoft.com/", false),
            (" , ;", "https://graph.microsoft.com/", true),
        ] {
            assert_eq!(takes(list, url), through, "{list} {url}");
        }
    }
}
