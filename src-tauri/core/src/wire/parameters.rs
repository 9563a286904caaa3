//! The call profile's parameters, in a request's body.

use serde_json::{Map, Value};

/// Adds `extra` to `body`, except what is `reserved`; `null` takes a parameter away.
pub(super) fn add(body: &mut Map<String, Value>, extra: &Map<String, Value>, reserved: &[&str]) {
    for (name, value) in extra {
        if reserved.contains(&name.as_str()) {
            continue;
        }
        if value.is_null() {
            body.remove(name);
        } else {
            body.insert(name.clone(), value.clone());
        }
    }
}
