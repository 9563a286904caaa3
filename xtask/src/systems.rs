//! The packages that Patchbay needs from the system, by their names on each.

/// What a command needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// To build the application and to run it.
    Build,
    /// To run it in a virtual display with a keyring of its own: the tour, the end-to-end tests and the bench.
    Window,
}

/// Names on Debian and Ubuntu.
pub(crate) fn debian(need: Need) -> &'static [&'static str] {
    match need {
        Need::Build => &[
            "build-essential",
            "pkg-config",
            "libwebkit2gtk-4.1-dev",
            "libayatana-appindicator3-dev",
            "xdg-utils",
            "desktop-file-utils",
        ],
        Need::Window => &[
            "xvfb",
            "xauth",
            "openbox",
            "dbus",
            "gnome-keyring",
            "libsecret-tools",
            "webkit2gtk-driver",
            "libglib2.0-bin",
            "imagemagick",
            "fonts-dejavu-core",
        ],
    }
}

/// What to install by hand elsewhere, as a person would type it.
pub(crate) const ELSEWHERE: &str = "\
  Fedora   sudo dnf install gcc gcc-c++ make pkgconf webkit2gtk4.1-devel libayatana-appindicator-gtk3-devel \\
             xdg-utils desktop-file-utils
           for the tour and the tests also: xorg-x11-server-Xvfb xorg-x11-xauth openbox dbus-daemon gnome-keyring \\
             libsecret webkit2gtk-driver glib2 ImageMagick dejavu-sans-fonts
  Arch     sudo pacman -S base-devel webkit2gtk-4.1 libayatana-appindicator xdg-utils desktop-file-utils
           for the tour and the tests also: xorg-server-xvfb xorg-xauth openbox dbus gnome-keyring libsecret \\
             glib2 imagemagick ttf-dejavu
  macOS    xcode-select --install
  Windows  the Microsoft C++ Build Tools and, before Windows 11, the WebView2 runtime";
