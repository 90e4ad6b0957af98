//! Values as bytes and back: numbers of variable length, texts and lists behind their length. Whatever the
//! bytes are, reading them ends in a value or in `Malformed`, and takes memory in proportion to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::event::Text;

/// Bytes that are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not what this release writes")]
pub struct Malformed;

/// Lists are given room for so many entries before the first one is read.
const ROOM: usize = 256;

/// How many short texts are remembered, to be shared by those that say the same.
const SHARED: usize = 64;

/// The longest text that is looked for among those remembered, in bytes.
const SHARED_BYTES_MAX: usize = 24;

/// Bytes being read from their start.
pub struct Bytes<'a> {
    rest: &'a [u8],
    /// The texts remembered, and an empty one.
    shared: Vec<Text>,
}

impl<'a> Bytes<'a> {
    /// Reads from the first of these.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            // One text of our own: the default is one for all threads, which would all count on it.
            shared: vec![Text::from(String::new()); SHARED + 1],
        }
    }

    /// Whether all was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*first)
    }

    /// Most numbers take one byte.
    #[inline]
    fn number(&mut self) -> Result<u64, Malformed> {
        match self.rest {
            [first, rest @ ..] if *first < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*first))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, Malformed> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit.
            if shift == 63 && bits > 1 {
                return Err(Malformed);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    /// The length of a list; every entry takes a byte at least.
    #[inline]
    fn length(&mut self) -> Result<usize, Malformed> {
        let length = usize::try_from(self.number()?).map_err(|_| Malformed)?;
        if length > self.rest.len() {
            return Err(Malformed);
        }
        Ok(length)
    }

    fn text(&mut self) -> Result<&'a str, Malformed> {
        let length = self.length()?;
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        std::str::from_utf8(text).map_err(|_| Malformed)
    }

    /// A text, shared with the last one that says the same when both are short.
    fn shared_text(&mut self) -> Result<Text, Malformed> {
        let text = self.text()?;
        let (Some(first), Some(last)) = (text.as_bytes().first(), text.as_bytes().last()) else {
            return Ok(Arc::clone(&self.shared[SHARED]));
        };
        if text.len() > SHARED_BYTES_MAX {
            return Ok(text.into());
        }
        let mixed = usize::from(*first) * 7 + usize::from(*last) * 3 + text.len();
        let place = &mut self.shared[mixed % SHARED];
        if **place != *text {
            *place = text.into();
        }
        Ok(Arc::clone(place))
    }
}

/// A value with its form in bytes; every value takes at least one.
pub trait Part: Sized {
    /// Adds its bytes.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads it back.
    ///
    /// # Errors
    /// The bytes are not such a value.
    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed>;
}

fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    put_number(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

fn put_all<'a, T: Part + 'a>(entries: impl ExactSizeIterator<Item = &'a T>, out: &mut Vec<u8>) {
    put_number(entries.len() as u64, out);
    entries.for_each(|entry| entry.put(out));
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl Part for $number {
            fn put(&self, out: &mut Vec<u8>) {
                put_number(u64::from(*self), out);
            }

            fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
                <$number>::try_from(from.number()?).map_err(|_| Malformed)
            }
        })+
    };
}

numbers!(u8, u16, u32, u64);

impl Part for i64 {
    fn put(&self, out: &mut Vec<u8>) {
        // The sign goes last, so that small numbers of either sign stay short.
        put_number(((self << 1) ^ (self >> 63)).cast_unsigned(), out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        let number = from.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }
}

impl Part for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }
}

impl Part for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_text(self, out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        from.text().map(str::to_owned)
    }
}

impl Part for Text {
    fn put(&self, out: &mut Vec<u8>) {
        put_text(self, out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        from.shared_text()
    }
}

impl<T: Part> Part for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        bool::take(from)?.then(|| T::take(from)).transpose()
    }
}

impl<T: Part> Part for Arc<T> {
    fn put(&self, out: &mut Vec<u8>) {
        T::put(self, out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        T::take(from).map(Self::new)
    }
}

impl<T: Part> Part for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_all(self.iter(), out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        let length = from.length()?;
        // Most lists are empty.
        if length == 0 {
            return Ok(Self::new());
        }
        let mut list = Self::with_capacity(length.min(ROOM));
        for _ in 0..length {
            list.push(T::take(from)?);
        }
        Ok(list)
    }
}

impl<T: Part> Part for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        T::take(from).map(Self::new)
    }
}

impl<T: Part> Part for Box<[T]> {
    fn put(&self, out: &mut Vec<u8>) {
        put_all(self.iter(), out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        Vec::take(from).map(Vec::into_boxed_slice)
    }
}

impl<T: Part> Part for Arc<[T]> {
    fn put(&self, out: &mut Vec<u8>) {
        put_all(self.iter(), out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        Vec::take(from).map(Self::from)
    }
}

impl<K: Part + Ord, V: Part> Part for BTreeMap<K, V> {
    fn put(&self, out: &mut Vec<u8>) {
        put_number(self.len() as u64, out);
        for (key, value) in self {
            key.put(out);
            value.put(out);
        }
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        let length = from.length()?;
        let mut map = Self::new();
        for _ in 0..length {
            map.insert(K::take(from)?, V::take(from)?);
        }
        if map.len() == length {
            Ok(map)
        } else {
            Err(Malformed)
        }
    }
}

impl<A: Part, B: Part> Part for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        Ok((A::take(from)?, B::take(from)?))
    }
}

impl<A: Part, B: Part, C: Part> Part for (A, B, C) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
        self.2.put(out);
    }

    fn take(from: &mut Bytes<'_>) -> Result<Self, Malformed> {
        Ok((A::take(from)?, B::take(from)?, C::take(from)?))
    }
}

/// Gives types of several fields, of one number, or of several variants their form in bytes: of a variant its
/// tag, then what belongs to it. Every field and every variant is named, so that a new one cannot be forgotten:
/// it does not compile.
macro_rules! part {
    ($(struct $name:ident { $($field:ident),+ $(,)? })+) => {
        $(impl $crate::plan::image::Part for $name {
            fn put(&self, out: &mut Vec<u8>) {
                let Self { $($field),+ } = self;
                $($crate::plan::image::Part::put($field, out);)+
            }

            fn take(
                from: &mut $crate::plan::image::Bytes<'_>,
            ) -> Result<Self, $crate::plan::image::Malformed> {
                Ok(Self { $($field: $crate::plan::image::Part::take(from)?),+ })
            }
        })+
    };
    ($(number $name:ident;)+) => {
        $(impl $crate::plan::image::Part for $name {
            fn put(&self, out: &mut Vec<u8>) {
                $crate::plan::image::Part::put(&self.0, out);
            }

            fn take(
                from: &mut $crate::plan::image::Bytes<'_>,
            ) -> Result<Self, $crate::plan::image::Malformed> {
                $crate::plan::image::Part::take(from).map(Self)
            }
        })+
    };
    ($(enum $name:ident {
        $($variant:ident $(($one:ident))? $({ $($field:ident),+ })? = $tag:literal),+ $(,)?
    })+) => {
        $(impl $crate::plan::image::Part for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($one))? $({ $($field),+ })? => {
                        out.push($tag);
                        $($crate::plan::image::Part::put($one, out);)?
                        $($($crate::plan::image::Part::put($field, out);)+)?
                    })+
                }
            }

            fn take(
                from: &mut $crate::plan::image::Bytes<'_>,
            ) -> Result<Self, $crate::plan::image::Malformed> {
                match <u8 as $crate::plan::image::Part>::take(from)? {
                    $($tag => {
                        $(let $one = $crate::plan::image::Part::take(from)?;)?
                        $($(let $field = $crate::plan::image::Part::take(from)?;)+)?
                        Ok(Self::$variant $(($one))? $({ $($field),+ })?)
                    })+
                    _ => Err($crate::plan::image::Malformed),
                }
            }
        })+
    };
}
pub(crate) use part;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check<T: Part + PartialEq + std::fmt::Debug>(value: &T) {
        let mut bytes = Vec::new();
        value.put(&mut bytes);
        let mut from = Bytes::new(&bytes);
        assert_eq!(T::take(&mut from).as_ref(), Ok(value));
        assert!(from.is_empty(), "{value:?} left bytes over");
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 64) {
            assert!(
                T::take(&mut Bytes::new(&bytes[..cut])).is_err(),
                "{value:?} cut at {cut}"
            );
        }
    }

    proptest! {
        #[test]
        fn numbers_read_back_as_they_were_written(small: u8, large: u64, signed: i64) {
            check(&small);
            check(&large);
            check(&signed);
            check(&(u32::from(small), vec![large], Some(signed)));
        }

        #[test]
        fn texts_read_back_as_they_were_written(texts: Vec<String>) {
            let shared: Vec<Text> = texts.iter().map(|text| text.as_str().into()).collect();
            check(&shared);
            check(&texts);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            let _ = Vec::<(String, BTreeMap<u16, Option<i64>>)>::take(&mut Bytes::new(&bytes));
        }
    }

    #[test]
    fn the_ends_of_the_numbers_read_back() {
        for number in [0, 1, 127, 128, u64::MAX - 1, u64::MAX] {
            check(&number);
        }
        for number in [i64::MIN, -1, 0, 1, i64::MAX] {
            check(&number);
        }
    }

    #[test]
    fn what_is_no_value_is_malformed() {
        fn refuse<T: Part + std::fmt::Debug>(bytes: &[u8]) {
            assert_eq!(
                T::take(&mut Bytes::new(bytes)).map_err(|_| ()).err(),
                Some(()),
                "{bytes:?}"
            );
        }
        refuse::<u64>(&[0xff; 9]);
        refuse::<u64>(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]);
        refuse::<u8>(&[0x80, 2]);
        refuse::<bool>(&[2]);
        refuse::<String>(&[1, 0xff]);
        refuse::<Vec<u64>>(&[0xff, 0xff, 0xff, 0xff, 0x0f]);
        refuse::<BTreeMap<u8, u8>>(&[2, 1, 1, 1, 1]);
    }
}
