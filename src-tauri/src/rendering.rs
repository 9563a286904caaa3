//! How `WebKitGTK` draws: with the graphics card where there is one, in plain memory where there is none.
//!
//! On a machine without a render node the accelerated path costs 65 MB and half of the processor time of a start, and
//! shows nothing better. Where there is one the path is left alone, except that a person whose driver shows a blank
//! window can ask for the other with `PATCHBAY_SOFTWARE_RENDERING=1`.

#[cfg(target_os = "linux")]
const ASKED: &str = "PATCHBAY_SOFTWARE_RENDERING";

/// Sets what `WebKitGTK` reads at its start. Call it before any thread starts.
pub fn choose() {
    #[cfg(target_os = "linux")]
    {
        let asked = std::env::var(ASKED).ok();
        if wants_software(asked.as_deref(), has_render_node()) {
            set("WEBKIT_DISABLE_DMABUF_RENDERER");
            set("WEBKIT_DISABLE_COMPOSITING_MODE");
        }
    }
}

/// Whether a window can be shown at all; only Linux can lack the means.
pub fn has_display() -> bool {
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || named("DISPLAY") || named("WAYLAND_DISPLAY")
}

/// `1` asks for software, `0` for the graphics card, and anything else leaves it to what the machine has.
#[cfg(target_os = "linux")]
fn wants_software(asked: Option<&str>, has_render_node: bool) -> bool {
    match asked {
        Some("1") => true,
        Some("0") => false,
        _ => !has_render_node,
    }
}

#[cfg(target_os = "linux")]
fn has_render_node() -> bool {
    std::fs::read_dir("/dev/dri")
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD")))
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the environment is changed before any thread starts, so nothing reads it meanwhile")]
fn set(name: &str) {
    if std::env::var_os(name).is_none() {
        // SAFETY: `main` calls `choose` first, when this is the only thread.
        unsafe { std::env::set_var(name, "1") }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_machine_decides_unless_the_person_does() {
        assert!(wants_software(None, false), "without a render node the accelerated path only costs");
        assert!(!wants_software(None, true), "with one it is left alone");
        assert!(wants_software(Some("1"), true), "the person asked for it");
        assert!(!wants_software(Some("0"), false), "the person asked against it");
    }
}
