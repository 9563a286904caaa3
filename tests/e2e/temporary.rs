//! temp
use support::session::{Session, SessionOptions, Opener};
use support::sandbox::{Sandbox, SandboxOptions};
use support::browser::{Browser, Consent};
use support::tray::Tray;
use support::window::App;
use support::PATIENCE;
use std::path::Path;

#[tokio::test]
async fn real() {
    let session = Session::start(SessionOptions::default()).await.unwrap();
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    session.add_provider("sandbox", &sandbox.provider_toml()).unwrap();
    let tray = Tray::start(&session).await.unwrap();
    let mut app = match App::launch(&session).await {
        Ok(app) => app,
        Err(e) => {
            session.screenshot(Path::new("/tmp/real0.png")).await.unwrap();
            std::process::Command::new("cp").arg("-r").arg(session.logs()).arg("/tmp/real-logs").status().unwrap();
            panic!("{e:?}");
        }
    };
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    println!("windows {:?}", app.windows().await);
    for role in ["button", "combobox", "searchbox", "textbox", "list", "log", "heading", "status", "dialog"] {
        println!("{role}: {:?}", app.names(role).await);
    }
    session.screenshot(Path::new("/tmp/real1.png")).await.unwrap();
    println!("tray {:?}", tray.wait_for_item(PATIENCE).await);
    println!("labels {:?}", tray.labels().await);
    println!("{:#?}", tray.menu().await);
    println!("click {:?}", tray.click(&["Connections"]).await);
    println!("{:?}", app.switch_to("connections").await);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    println!("windows {:?}", app.windows().await);
    app.switch_to("connections").await.unwrap();
    for role in ["button", "combobox", "searchbox", "textbox", "list", "log", "heading", "status", "dialog"] {
        println!("{role}: {:?}", app.names(role).await);
    }
    session.screenshot(Path::new("/tmp/real2.png")).await.unwrap();
    println!("{:?}", app.click("button", "Sign in to Sandbox").await);
    let url = session.next_browser_url(PATIENCE).await;
    println!("{url:?}");
    println!("{:?} {:?}", app.names("dialog").await, app.values("status", None).await);
    if let Ok(url) = url {
        let back = Browser::new().unwrap().authorize(&url, &Consent::allow("ada@sandbox.example")).await;
        println!("{back:?}");
        let _c = session.open_link(&back.unwrap().url, Opener::XdgOpen).unwrap();
        println!("{:?}", sandbox.wait_for("/v1/models", 1, PATIENCE).await.map(|c| c.len()));
    }
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    println!("{:?} {:?}", app.names("dialog").await, app.values("status", None).await);
    session.screenshot(Path::new("/tmp/real3.png")).await.unwrap();
    println!("layouts {} updates {}", tray.layouts(), tray.updates());
    println!("{:?}", session.secret_search(&[("service", "app.patchbay")]).await);
    println!("hits {:?}", session.search(&support::canary::Canary::new(sandbox.secrets())));
    for cmd in ["for p in $(ls /proc | grep -E '^[0-9]+$'); do if [ $(readlink /proc/$p/exe) = /work/main/target/debug/patchbay ]; then ls -la /proc/$p/fd | head -8; for t in /proc/$p/task/*; do cat $t/comm $t/wchan; echo; done; cp /proc/$p/maps /tmp/maps; which gdb; timeout 60 gdb -p $p -batch -ex 'thread apply all bt 25'; fi; done 2>&1"] {
        let out = session.command("sh").unwrap().args(["-c", cmd]).stdout(std::process::Stdio::piped()).output().await.unwrap();
        println!("{}", String::from_utf8_lossy(&out.stdout));
    }
    app.kill9().await.unwrap();
    std::process::Command::new("cp").arg("-r").arg(session.logs()).arg("/tmp/real-logs").status().unwrap();
}
