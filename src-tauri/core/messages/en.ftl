
### The database

store-newer = This data was written by a newer Patchbay. Install that version again, or the newest one. Nothing was changed.
store-full = The disk is full, so nothing was saved. What was there is kept. Free some space, then try again.
store-damaged = Patchbay’s database cannot be read. The file was left as it is. Put back a copy of it, or move it away to start empty.
store-folder = Patchbay’s data folder cannot be used ({ $reason }). Check its permissions, then start Patchbay again.
store-refused = Saving did not work ({ $reason }). Nothing else was changed. Try again.

### Connections

pool-catalogue-file = { $file } in providers.d was left out: { $reason }

### The shell

shell-title-chat = Patchbay
shell-title-connections = Connections – Patchbay
shell-title-settings = Settings – Patchbay
shell-no-display = Patchbay needs a graphical session: neither DISPLAY nor WAYLAND_DISPLAY is set. Start it from your desktop.
shell-cannot-start = Patchbay could not start. Its log says why.
shell-opening = Patchbay is still opening its database. Try again in a moment.
shell-no-home = Patchbay found no folder of yours to keep its data in. Set HOME, then start it again.
shell-links-unregistered = This desktop did not accept Patchbay’s links, so a sign-in may not come back by itself. Paste the address into its dialog instead. Installing xdg-utils usually helps.
shell-no-browser = No browser could be started. Set a default browser for this desktop, then try again.
shell-not-a-page = That is neither a web page nor a mail address, so it was not opened.
shell-preferences-broken = Your preferences could not be read, so Patchbay started with the usual ones. The old file is kept as { $file }.
shell-preferences-unsaved = The preference holds until Patchbay closes, but could not be saved. Check the free space and permissions of its configuration folder.
pool-no-connection = This connection no longer exists. Choose another model, or connect again.
pool-unknown-provider = Patchbay does not know this provider. Open Connections and choose one from the list.
pool-no-provider = The provider “{ $provider }” is no longer in the catalogue. Put its file back into providers.d, or disconnect.
pool-credential-gone = The credential is no longer in the keychain. Sign in again, or enter the key again.
pool-key-refused = The key was not accepted. Enter a new one in Connections.
pool-signed-out = { $provider } ended this sign-in. Sign in again in Connections; your chats stay as they are.
pool-refresh-failed = { $provider } could not renew the sign-in just now. Nothing was lost. Try again in a moment.
pool-no-key = Enter the key first.
pool-not-a-key = This does not look like a key: it holds spaces or other characters that keys never have. Copy it again.
pool-base-url = The base URL has to be a whole address, such as https://host.example/v1.
pool-header = A header of this provider holds characters that no header may hold. Correct its file in providers.d.
pool-timeout = { $provider } did not answer in time. Nothing was lost. Try again, or choose another model.
pool-unreachable = { $provider } could not be reached. Check its base URL and the connection to the network, then try again.
pool-answer = { $provider } answered with something Patchbay cannot read. Check the base URL, or try again later.
pool-not-revoked = Deleted here, but { $provider } could not be told. Remove Patchbay’s access in your account there.

### The wire: what providers answer

wire-unauthorized = { $provider } did not accept the key or sign-in. Check the key, or connect again in Connections.
wire-forbidden = { $provider } does not let this connection do that. Choose another model, or another connection.
wire-not-found = { $provider } does not know this model, or its base URL is not right. Choose another model, or check the connection.
wire-rate-limited = { $provider } is limiting requests. Wait a little and try again, or choose another model.
wire-rate-limited-wait = { $provider } is limiting requests. Try again in { $wait }, or choose another model.
wire-quota = Your account at { $provider } has nothing left to spend. Top it up there, or choose another model.
wire-context-length = This chat is too long for this model of { $provider }. Start a new chat, or choose a model that takes more.
wire-invalid = { $provider } did not accept the request. Choose another model, or change the message.
wire-overloaded = { $provider } is too busy right now. Wait a little and try again, or choose another model.
wire-overloaded-wait = { $provider } is too busy right now. Try again in { $wait }, or choose another model.
wire-server = Something went wrong at { $provider }. Nothing was lost. Try again, or choose another model.
wire-cut = The answer from { $provider } ended early. What had arrived is kept. Try again, or choose another model.
wire-malformed = { $provider } answered in a way that Patchbay cannot read. Check the connection’s base URL, or choose another model.
wire-plan-usage-limit = The usage limit of your ChatGPT plan at { $provider } is reached. See https://chatgpt.com/settings/usage, wait, or choose another model. Nothing else was charged.
wire-plan-not-eligible = { $provider } does not let this account use its ChatGPT plan here: only Plus and Pro can. Connect a key instead, or choose another model.
wire-plan-not-supported = { $provider } does not offer this with a ChatGPT plan. Choose another model, or connect a key.
wire-says = It said: “{ $message }”
wire-seconds = { $number } s
wire-minutes = { $number } min
wire-hours = { $number } h
wire-list-not-json = { $provider } answered with something that is no model list. Check the connection’s base URL.
wire-list-none = { $provider } sent no model list. Check the connection’s base URL.

### Markdown

markdown-task-done = Done
markdown-task-open = To do

### Models

models-label-default = Default: { $model }
models-label-pinned = Pinned: { $model }
models-label-unavailable = Unavailable: { $model }
models-label-none = Unavailable: no model chosen
models-no-connection = No provider is connected yet. Connect one to start.
models-no-default = No default model is chosen. Choose a model for this chat, or a default.
models-disconnected = { $connection } is no longer connected, so { $model } cannot answer. This chat stays on it until you choose another, or connect again.
models-needs-sign-in = { $connection } has to be signed in to again. This chat stays on its model.
models-superseded = This connection got another credential while its models were being listed. List them again.
models-not-listed = { $model } is no longer offered by { $connection }. This chat stays on it until you choose another.

### Chats

chat-gone = This chat no longer exists.
chat-empty = There is nothing to send yet.
chat-too-long = This message is longer than any model takes. Shorten it, or send it in parts. It was not sent.
chat-busy = An answer is still being written. Stop it first, or wait. Your message was not sent.
chat-nothing-to-answer = There is no message to answer yet.
chat-stopped = Stopped. What had arrived is kept.
chat-interrupted = Interrupted: Patchbay ended while this was being written. What had arrived is kept.
chat-cut = { $provider } ended the answer early. What had arrived is kept. Try again, or choose another model.
chat-not-saved = This answer is on the screen but could not be saved. { $reason }
chat-finish-length = Cut off: the model reached its longest answer. Ask it to go on.
chat-finish-filtered = Ended by the provider’s content filter.
chat-finish-tools = The model asked for a tool, which Patchbay does not offer yet.
chat-finish-other = Ended by the provider: { $reason }
chat-finish-empty = The model sent an empty answer. Try again, or choose another model.

### The vault

vault-locked = Your keyring is locked. Unlock it and try again, or keep credentials only until Patchbay closes.
vault-no-service = No keyring answers on this desktop. Start or install one, such as GNOME Keyring, and try again, or keep credentials only until Patchbay closes.
vault-no-collection = Your keyring has no place for new entries yet. Open your keyring application and create a default keyring, then try again, or keep credentials only until Patchbay closes.
vault-failed = The system’s keychain reported an error. Try again, or keep credentials only until Patchbay closes.
vault-silent = The keychain did not answer within three minutes. Look for its password window, then try again, or keep credentials only until Patchbay closes.
vault-forgets = The keychain did not give back what was just put into it. Try again, or keep credentials only until Patchbay closes.
vault-damaged = What the keychain holds for this connection cannot be read. Sign in again, or enter the key again.
vault-refused = The keychain works but did not take this entry. Try again; if it stays so, remove old Patchbay entries from it.
vault-item-label = Patchbay: { $account }
vault-name-service = Secret Service keyring
vault-name-macos = macOS Keychain
vault-name-windows = Windows Credential Manager
vault-name-memory = memory

### Links from the browser

link-too-long = A link to Patchbay was too long to be real, so it was ignored. Nothing was changed.
link-other-scheme = The link is not one of Patchbay’s, so it was ignored.
link-malformed = A link to Patchbay was not written correctly, so it was ignored. If you were signing in, paste the address into the sign-in dialog or start again from Connections.
link-unknown = A link asked Patchbay for something it does not do, so it was ignored. Nothing was changed.

### Signing in

sign-in-not-found = This sign-in is over. Start again from Connections.
sign-in-none = { $provider } offers no sign-in. Add a key instead.
sign-in-no-client = Signing in to { $provider } needs a client ID of your own. Add a key instead.
sign-in-insecure = The address that { $provider } is set up with is not encrypted, so nothing was sent there. It has to begin with https.
sign-in-return-refused = { $provider } does not send its answer back this way. Choose another way.
sign-in-no-random = The system gave no random numbers, so no safe sign-in can be started. Try again.
sign-in-unknown = This link belongs to no sign-in that is waiting: it was used already, has expired, or was not started here. Start again from Connections.
sign-in-expired = This link belongs to a sign-in that has expired. Start again from Connections.
sign-in-used = This link was used already. Nothing was changed.
sign-in-cancelled-link = This link belongs to a sign-in that was cancelled. Start again from Connections.
sign-in-no-state = The answer does not say which sign-in it belongs to, so it was ignored. Paste the whole address, or start again from Connections.
sign-in-wrong-provider = An answer for { $provider } came in on another provider’s address, so it was ignored. The sign-in is still waiting.
sign-in-wrong-return = An answer for { $provider } came back on another way than it was asked for, so it was ignored. The sign-in is still waiting.
sign-in-wrong-issuer = The answer claims to come from another server than { $provider }’s, so it was ignored. The sign-in is still waiting.
sign-in-no-issuer = The answer does not say that it comes from { $provider }’s server, so it was ignored. The sign-in is still waiting.
sign-in-denied = { $provider } did not give Patchbay access: it was not allowed in the browser. Nothing was changed. Start again when you want to.
sign-in-refused = { $provider } refused the sign-in ({ $reason }). Nothing was changed. Start again, or use a key.
sign-in-provider-gone = This link belongs to a provider that is no longer set up here. Nothing was changed.
sign-in-response-broken = The answer from the browser is incomplete or written in a way that is not allowed, so it was ignored. Start again from Connections.
sign-in-not-waiting = This sign-in already has its answer. Wait for it to finish, or start again from Connections.
sign-in-nothing-to-retry = There is nothing to try again yet: no answer has come back from the browser.
sign-in-expired-here = This sign-in has expired: ten minutes passed without it being finished. Start again.
sign-in-no-browser = The browser could not be started. Set a default browser and choose “Open the browser again”, or try another way to sign in.
sign-in-ports-taken = Other programs use the ports that { $provider } answers on, so it cannot come back by itself. After you allow Patchbay, copy the address from the browser and paste it here.
sign-in-ports-taken-link = Other programs use the ports that { $provider } answers on, so it comes back by a link instead.
sign-in-paste-empty = Paste the address from the browser’s address bar, or the code that the page shows.
sign-in-paste-unusable = That is neither an address nor a code of a sign-in. Copy the whole address from the browser’s address bar.
sign-in-paste-other = That address belongs to another sign-in. Copy it from the browser page that this sign-in opened.
sign-in-paste-incomplete = That address is incomplete. Copy all of it from the browser’s address bar.
sign-in-server-unreachable = { $server } cannot be reached. Check the internet connection, then try again.
sign-in-server-silent = { $server } did not answer in time. Nothing was lost. Try again.
sign-in-server-busy = { $server } is having trouble ({ $status }). Nothing was lost. Try again in a moment.
sign-in-server-large = { $server } answered with far too much, so the answer was dropped. Try again.
sign-in-server-other = { $server } answered with something other than a sign-in ({ $status }). A network that asks for its own sign-in first can cause this. Try again.
sign-in-server-refused = { $server } did not accept the sign-in ({ $reason }). Start again from Connections.
sign-in-server-token-type = { $server } sent a kind of token that Patchbay does not know, so it was not used.
sign-in-code-refused = { $server } did not accept the code: it has expired, was used already, or belongs to another sign-in. Start again.
sign-in-session-over = { $server } no longer accepts this sign-in. Sign in again.
sign-in-revoke-none = { $server } offers no way to end its side from here. To do so, remove Patchbay in your account’s settings there.
sign-in-revoke-failed = { $server } could not be told ({ $reason }). To be sure, remove Patchbay in your account’s settings there.
sign-in-reason-unreachable = it cannot be reached
sign-in-reason-silent = it did not answer in time
sign-in-reason-status = it answered with { $status }
sign-in-page-title = Patchbay
sign-in-page-received = Back to Patchbay
sign-in-page-received-text = Your answer has arrived. Patchbay goes on by itself; you can close this page.
sign-in-page-denied = No access was given
sign-in-page-denied-text = Patchbay shows what to do next. You can close this page.
sign-in-page-other = This page belongs to no waiting sign-in
sign-in-page-other-text = It was used already, or belongs to another attempt. Look at Patchbay for what to do next.
sign-in-page-missing = Nothing is here
sign-in-page-missing-text = This address is only used while you sign in.
sign-in-page-link = Show Patchbay
chat-untitled = New chat

### The tray

tray-no-chat = Patchbay
tray-no-model = no model
tray-this-chat = This chat
tray-default-model = Default model
tray-use-default = Use default (→ { $model })
tray-more = More…
tray-attention = ⊘ { $connection }: sign in again
tray-new-chat = New chat
tray-show = Show Patchbay
tray-connections = Connections
tray-quit = Quit

### Signing in, seen from the whole

sign-in-completed = Signed in to { $provider }.
sign-in-first-call = Signed in, but the first call failed: { $reason }

### The interface

ui-loading = Loading…
ui-error-unknown = That did not work, and Patchbay does not know why. Try again.
ui-try-again = Try again
ui-cancel = Cancel
ui-done = Done
ui-dismiss = Dismiss
ui-undo = Undo
ui-rename = Rename
ui-rename-what = Rename { $name }
ui-delete = Delete
ui-copy = Copy
ui-copied = Copied
ui-copy-failed = The clipboard cannot be used. Select the text and copy it by hand.
ui-copy-code = Copy code
ui-notices = Notices
ui-actions-for = Actions for { $title }

ui-window-chat = Patchbay
ui-window-connections = Connections – Patchbay
ui-window-settings = Settings – Patchbay
ui-startup-failed = Patchbay could not start

ui-ago-now = just now
ui-ago-minutes = { $minutes } min ago
ui-ago-hours = { $hours } h ago
ui-until-now = now
ui-until-minutes = in { $minutes } min
ui-until-hours = in { $hours } h
ui-day-today = Today
ui-day-yesterday = Yesterday
ui-day-week = Earlier this week
ui-duration-seconds = { $seconds } s
ui-duration-minutes = { $minutes } min { $seconds } s
ui-tokens = { $count ->
    [one] 1 token
   *[other] { $short } tokens
}

ui-mark-default = On the default
ui-mark-pinned = Pinned
ui-mark-unavailable = Unavailable

ui-new-chat = New chat
ui-chats = Chats
ui-search-chats = Search chats
ui-show-chats = Show chats
ui-hide-chats = Hide chats
ui-no-chats = No chats yet.
ui-no-chat-found = No chat is called “{ $text }”.
ui-chat-title = Title
ui-chat-running = An answer is being written.
ui-chat-deleted = “{ $title }” was deleted.
ui-chat-empty = What you write is sent to the model named above.
ui-connection-health = Connections
ui-connections = Connections
ui-settings = Settings

ui-conversation = Conversation
ui-you = You
ui-answer = Answer
ui-earlier = Show earlier messages
ui-jump-to-latest = Jump to latest
ui-reasoning = Reasoning
ui-reasoning-now = Thinking…
ui-answer-stopped = You stopped this answer. What had arrived is kept.
ui-answer-interrupted = Patchbay closed while this answer was being written. What had arrived is kept.
ui-answer-failed = This answer could not be finished. What had arrived is kept.
ui-message = Message
ui-send = Send
ui-stop = Stop
ui-sign-in-again = Sign in again
ui-choose-model = Choose a model

ui-model = Model
ui-find-model = Find a model
ui-make-default = Make { $model } the default
ui-open-connections = Open Connections
ui-picker-use-default = Use default
ui-picker-no-default = No default
ui-picker-no-connections = Nothing is connected yet.
ui-picker-signed-out = signed out
ui-picker-listing = listing…
ui-picker-listed = listed { $when }
ui-picker-sign-in-again = Sign in to { $label } again
ui-picker-list-again = List the models of { $label } again
ui-picker-waiting = Waiting for its models…
ui-picker-empty = It lists no chat models. Type the name of one to use it.
ui-picker-nothing = No listed model matches “{ $text }”.
ui-picker-use-typed = Use “{ $id }” with { $label }
ui-picker-found = { $count ->
    [0] No model found
    [one] 1 model found
   *[other] { $count } models found
}

ui-first-title = Plug in a first model
ui-first-lead = Connect a provider once. After that every chat chooses its own model. What you sign in with is kept in your keychain.
ui-first-key = Or use a key
ui-first-more = All providers

ui-providers = Providers
ui-find-provider = Find a provider
ui-connected = Connected
ui-all-providers = All providers
ui-providers-local = On this machine
ui-providers-own = Your own
ui-no-provider-found = No provider is called “{ $text }”.
ui-nothing-selected = Choose a provider from the list.
ui-add-provider = Add a provider
ui-provider-sign-in = sign in
ui-provider-key = key
ui-provider-none = no key
ui-provider-connections = Your connections
ui-add-key = Add key for { $provider }
ui-add-another = Connect another account at { $provider }
ui-key-form = Key for { $provider }
ui-key-page = Where to get a key for { $provider }
ui-key-connect = Connect
ui-key-replace = Replace the key
ui-api-key = API key
ui-api-key-optional = API key, if the server wants one
ui-base-url = Base URL
ui-connection-label = Label
ui-connection-label-optional = Label, to tell several apart
ui-reconnect = Reconnect { $label }
ui-check-now = Check now
ui-disconnect = Disconnect { $label }
ui-disconnect-title = Disconnect { $label }?
ui-disconnect-body = The provider is told to end the sign-in where it can be told, and the credential is deleted from this machine. Your chats stay.
ui-disconnect-body-none = The connection is removed. Your chats stay.
ui-disconnect-confirm = Disconnect
ui-disconnected = { $label } is disconnected.
ui-disconnected-here-only = { $label } is disconnected on this machine. The provider could not be told: { $error }
ui-state-checking = checking
ui-state-connected = connected
ui-state-failing = not answering
ui-state-needs-sign-in = sign in again
ui-state-needs-key = key not accepted
ui-method-oauth = Signed in with the browser
ui-method-oauth-account = Signed in as { $account }
ui-method-key = With the key { $key }
ui-method-key-only = With a key
ui-method-none = Without a credential
ui-detail-provider = Provider
ui-detail-method = Access
ui-detail-expiry = Runs out
ui-detail-expiry-renewed = { $when }, renewed by itself
ui-detail-last-check = Last answered
ui-detail-never = not yet
ui-detail-kept = Kept in
ui-detail-models = Models
ui-detail-unknown = not known yet
ui-kept-session = Memory, until Patchbay closes
ui-kept-nowhere = Nowhere yet: no keychain can be used
ui-vault-session = Keep for this session only
ui-vault-session-note = Credentials are kept in memory and are gone when Patchbay closes.

ui-sign-in-title = Sign in to { $provider }
ui-sign-in-starting = Opening { $provider } in the browser.
ui-sign-in-waiting = Allow Patchbay on the { $provider } page that opened in your browser.
ui-sign-in-no-browser = The browser did not open. Open it again, or paste the address or code here.
ui-sign-in-exchanging = { $provider } answered. Exchanging the code.
ui-sign-in-checking = Making a real call to { $provider }.
ui-sign-in-connected = Connected to { $provider }.
ui-sign-in-step-browser = Open the browser
ui-sign-in-step-browser-done = Browser opened
ui-sign-in-step-allow = Waiting for you to allow Patchbay
ui-sign-in-step-allow-done = You allowed Patchbay
ui-sign-in-step-exchange = Exchange the code
ui-sign-in-step-check = Check with a real call
ui-sign-in-step-is-done = Done
ui-sign-in-step-failed = Failed
ui-sign-in-browser-again = Open the browser again
ui-sign-in-paste-hint = Not coming back? Copy the address of the page you ended on, or the code it shows.
ui-sign-in-paste = Paste the address or code
ui-sign-in-use-it = Use it
ui-sign-in-use-loopback = Use a page on this machine instead
ui-sign-in-use-deep-link = Come back by link instead
ui-sign-in-start-again = Start again
ui-sign-in-under-way = A sign-in is under way.
ui-sign-in-show = Show it

ui-default-model = Default model
ui-default-model-note = Every chat that is not pinned to a model uses this one.
ui-appearance = Appearance
ui-appearance-system = System
ui-appearance-light = Light
ui-appearance-dark = Dark
ui-about = About
ui-about-note = Patchbay plugs each chat into the model you choose. Credentials stay in your keychain.
ui-version = Patchbay { $version }
ui-version-development = Patchbay { $version }, development build
