//! What kind of place an address belongs to, seen through the forms in which IPv6 carries an IPv4 address.
//! What is not known to be public is not public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Addresses under which clouds hand out credentials to whoever asks from inside. Link-local ones are
/// refused as such; these look private, shared or even public.
const METADATA: &[IpAddr] = &[
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254)),
];

/// The kind of place an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Range {
    /// Anywhere on the internet.
    Public,
    /// The network of a house or a company: 10/8, 172.16/12, 192.168/16 and the old fec0::/10.
    Private,
    /// This machine.
    Loopback,
    /// The IPv6 network of a house or a company, fc00::/7.
    UniqueLocal,
    /// Between a provider and its customers, 100.64/10.
    CarrierNat,
    /// One cable: 169.254/16, where clouds answer with credentials, and fe80::/10.
    LinkLocal,
    /// Where a cloud answers with credentials, outside the link-local range.
    Metadata,
    /// Many machines at once, broadcast included.
    Multicast,
    /// No address, or "this network": 0/8 and ::.
    Unspecified,
    /// Only for examples in documents.
    Documentation,
    /// Set aside for protocols, tests or the future.
    Reserved,
}

impl Range {
    /// The kind of an address. One that carries an IPv4 address inside is judged by what it carries.
    pub fn of(address: IpAddr) -> Self {
        if METADATA.contains(&address) {
            return Self::Metadata;
        }
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => match carried(address) {
                Some(inside) => Self::of(IpAddr::V4(inside)),
                None => of_v6(address),
            },
        }
    }

    /// As it stands in a sentence, with its article.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::Private => "a private address",
            Self::Loopback => "an address of this machine",
            Self::UniqueLocal => "a unique local address",
            Self::CarrierNat => "an address shared behind a provider",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "an address of cloud metadata",
            Self::Multicast => "a multicast address",
            Self::Unspecified => "no usable address",
            Self::Documentation => "an address that is only for documents",
            Self::Reserved => "a reserved address",
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Range {
    match address.octets() {
        [0, ..] => Range::Unspecified,
        [10, ..] | [192, 168, ..] => Range::Private,
        [172, second, ..] if second & 0xf0 == 16 => Range::Private,
        [100, second, ..] if second & 0xc0 == 64 => Range::CarrierNat,
        [127, ..] => Range::Loopback,
        [169, 254, ..] => Range::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Range::Documentation,
        [192, 0, 0, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => Range::Reserved,
        [224..=239, ..] | [255, 255, 255, 255] => Range::Multicast,
        [240..=255, ..] => Range::Reserved,
        _ => Range::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Range {
    let words = address.segments();
    match words {
        [0, 0, 0, 0, 0, 0, 0, 0] => Range::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Range::Loopback,
        [0x2001, 0x0db8, ..] => Range::Documentation,
        // Teredo, benchmarks, overlays and other uses of protocols share 2001::/23.
        [0x2001, 0..=0x01ff, ..] => Range::Reserved,
        [0x3fff, 0..=0x0fff, ..] => Range::Documentation,
        [0x2000..=0x3fff, ..] => Range::Public,
        [0xfc00..=0xfdff, ..] => Range::UniqueLocal,
        [0xfe80..=0xfebf, ..] => Range::LinkLocal,
        [0xfec0..=0xfeff, ..] => Range::Private,
        [0xff00..=0xffff, ..] => Range::Multicast,
        _ => Range::Reserved,
    }
}

/// The IPv4 address inside of an IPv6 address: mapped, compatible, translated (NAT64), 6to4 or ISATAP.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let words = address.segments();
    let from = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match words {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(from(high, low)),
        [0, 0, 0, 0, 0xffff, 0, high, low] => Some(from(high, low)),
        // `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(from(high, low)),
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(from(high, low)),
        [0x2002, high, low, ..] => Some(from(high, low)),
        [0x2000..=0x3fff, _, _, _, 0 | 0x0200, 0x5efe, high, low] => Some(from(high, low)),
        _ => None,
    }
}

/// A range of addresses as a configuration writes it: `10.1.0.0/16`, `fd00::/8` or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: u128,
    bits: u32,
}

impl Network {
    /// Whether an address lies inside, itself or the IPv4 address it carries.
    pub fn holds(&self, address: IpAddr) -> bool {
        let inside = match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => carried(address).map(IpAddr::V4),
        };
        self.covers(number(address)) || inside.is_some_and(|inside| self.covers(number(inside)))
    }

    /// Whether it is one address only.
    pub fn is_single(&self) -> bool {
        self.bits == 128
    }

    fn covers(&self, address: u128) -> bool {
        (address ^ self.first) & mask(self.bits) == 0
    }
}

impl FromStr for Network {
    type Err = String;

    /// # Errors
    /// What is wrong about it, as the rest of a sentence.
    fn from_str(text: &str) -> Result<Self, String> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address
            .parse()
            .map_err(|_| "is no address or range; write one like 10.1.0.0/16".to_owned())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= width),
            None => Some(width),
        };
        let Some(bits) = bits else {
            return Err(format!("has no length of 0 to {width} bits behind the `/`"));
        };
        let (first, bits) = (number(address), bits + 128 - width);
        if first & !mask(bits) != 0 {
            return Err("has bits set behind its length; write its first address".to_owned());
        }
        Ok(Self { first, bits })
    }
}

/// Both kinds of address on one scale, IPv4 where IPv6 maps it.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn mask(bits: u32) -> u128 {
    u128::MAX.checked_shl(128 - bits).unwrap_or(0)
}
