//! Addresses of mail, checked when a channel is set up: what passes here can stand in a header and in a command
//! of SMTP.

use lettre::message::Mailbox;

use crate::notify::error::ChannelError;

/// The longest address with its name, in bytes.
const MAILBOX_BYTES_MAX: usize = 400;
/// The longest address that SMTP carries, in bytes.
const ADDRESS_BYTES_MAX: usize = 254;

/// Reads `Name <name@example.com>` or `name@example.com`.
pub(super) fn mailbox(field: &'static str, text: &str) -> Result<Mailbox, ChannelError> {
    let shown = crate::notify::letter::one_line(text, 80);
    let wrong = |why: &str| ChannelError::new(field, format!("{shown:?} {why}"));
    if text.len() > MAILBOX_BYTES_MAX {
        return Err(wrong("is longer than an address can be"));
    }
    if text.chars().any(char::is_control) {
        return Err(wrong("holds control characters"));
    }
    let mailbox: Mailbox = text.parse().map_err(|_| {
        wrong("is no address; write it like name@example.com or Name <name@example.com>")
    })?;
    let address: &str = mailbox.email.as_ref();
    if address.len() > ADDRESS_BYTES_MAX {
        return Err(wrong("is longer than an address can be"));
    }
    if !address.is_ascii() {
        return Err(wrong(
            "has letters that not every mail server takes; write the domain in its xn-- form",
        ));
    }
    // Quoted names may hold what ends a command.
    if address
        .chars()
        .any(|character| matches!(character, ' ' | '<' | '>' | '"' | '\\'))
    {
        return Err(wrong("has a quoted name, which is not supported"));
    }
    Ok(mailbox)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_name() {
        for (text, address) in [
            ("ops@example.com", "ops@example.com"),
            (
                "Die Büros <ops+shop@mail.example.com>",
                "ops+shop@mail.example.com",
            ),
            ("\"Team, shop\" <ops@example.com>", "ops@example.com"),
        ] {
            let mailbox = mailbox("to", text).expect("an address");
            assert_eq!(mailbox.email.to_string(), address);
        }
    }

    #[test]
    fn what_could_be_a_header_or_a_command_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(300));
        for text in [
            "",
            "ops",
            "@example.com",
            "ops@",
            "ops@example.com\r\nBcc: x@example.com",
            "ops\n <ops@example.com>",
            "ops@example.com, other@example.com",
            "\"a> b\"@example.com",
            "büro@example.com",
            "ops@bücher.example",
            "a@b@example.com",
            &long,
        ] {
            let error = mailbox("to", text).expect_err(text);
            assert_eq!(error.field, "to");
            assert!(!error.to_string().contains('\n'));
        }
    }
}
