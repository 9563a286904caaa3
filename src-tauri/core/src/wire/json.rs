//! Reading values whose shape is only roughly known.

use serde_json::Value;

/// The string under `key`, unless it is empty.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The first of `keys` under which there is a string.
pub(super) fn first_text<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| text(value, key))
}

/// The number under `key`, at most what fits; some servers write counts as floats.
pub(super) fn count(value: &Value, key: &str) -> Option<u32> {
    let number = value.get(key)?;
    let whole = number.as_u64().or_else(|| {
        let float = number.as_f64().filter(|float| *float >= 0.0)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is not negative")]
        Some(float as u64)
    })?;
    Some(u32::try_from(whole).unwrap_or(u32::MAX))
}

/// The first of `keys` under which there is a number.
pub(super) fn first_count(value: &Value, keys: &[&str]) -> Option<u32> {
    keys.iter().find_map(|key| count(value, key))
}
