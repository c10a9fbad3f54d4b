//! Numbers in sentences.

/// Those that are not zero, in a row: `2 to create, 1 to change`.
pub(super) fn counts(parts: &[(usize, &str)]) -> String {
    let named = parts.iter().filter(|(number, _)| *number > 0);
    named
        .map(|(number, name)| format!("{} {name}", grouped(*number)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `1 topic`, `3 topics`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {noun}s", grouped(number))
    }
}

/// Thousands apart by a comma: `10,000`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let lead = digits.len() % 3;
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 3 == lead {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(counted(1, "topic"), "1 topic");
        assert_eq!(counted(10_000, "topic"), "10,000 topics");
    }
}
