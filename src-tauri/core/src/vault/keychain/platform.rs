//! What differs between the platforms' keychains: how one is opened, what its items are called, how large they may be.

#[cfg(target_os = "linux")]
#[path = "platform/linux.rs"]
mod native;
#[cfg(target_os = "macos")]
#[path = "platform/macos.rs"]
mod native;
#[cfg(target_os = "windows")]
#[path = "platform/windows.rs"]
mod native;

pub(super) use native::{FAILED, ITEM_LIMIT, is_absent, modifiers, name, open};
