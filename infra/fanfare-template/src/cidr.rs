//! Blocks of IP addresses, such as `10.0.0.0/24`.

use std::net::IpAddr;

/// Whether an address is in a block; neither is taken for granted to be one.
pub(crate) fn contains(block: &str, address: &str) -> bool {
    let Some((first, length)) = block.split_once('/') else { return false };
    let parsed = (first.parse::<IpAddr>(), address.parse::<IpAddr>(), length.parse::<u32>());
    let (Ok(first), Ok(address), Ok(length)) = parsed else { return false };
    let (first, address, width) = match (first, address) {
        (IpAddr::V4(first), IpAddr::V4(address)) => {
            (u128::from(first.to_bits()), u128::from(address.to_bits()), u32::BITS)
        }
        (IpAddr::V6(first), IpAddr::V6(address)) => {
            (first.to_bits(), address.to_bits(), u128::BITS)
        }
        _ => return false,
    };
    // What is beyond the prefix may differ; without a prefix all of it is.
    width.checked_sub(length).is_some_and(|rest| {
        let beyond = |address: u128| address.checked_shr(rest).unwrap_or_default();
        beyond(first) == beyond(address)
    })
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn an_address_is_in_its_block() {
        for (block, inside, outside) in [
            ("10.0.0.0/24", "10.0.0.255", "10.0.1.0"),
            ("10.0.0.0/24", "10.0.0.0", "::1"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("0.0.0.0/0", "8.8.8.8", "no address"),
            ("::/0", "2001:db8::1", "8.8.8.8"),
        ] {
            assert!(contains(block, inside), "{inside} in {block}");
            assert!(!contains(block, outside), "{outside} in {block}");
        }
        assert!(!contains("10.0.0.0/33", "10.0.0.0"));
        assert!(!contains("10.0.0.0", "10.0.0.0"));
    }
}
