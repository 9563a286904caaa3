-- Connections, without their secrets: those are in the vault under the same id.
CREATE TABLE connections (
  id         TEXT PRIMARY KEY,
  provider   TEXT NOT NULL,
  label      TEXT NOT NULL,
  hue        INTEGER NOT NULL,
  method     TEXT NOT NULL,
  state      TEXT NOT NULL,
  account    TEXT,
  masked_key TEXT,
  base_url   TEXT NOT NULL,
  generation INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_ok_at INTEGER,
  last_error TEXT
) STRICT;

-- The models a connection listed last; valid for this base URL and this generation of its credential only.
CREATE TABLE model_lists (
  connection TEXT PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
  base_url   TEXT NOT NULL,
  generation INTEGER NOT NULL,
  fetched_at INTEGER NOT NULL,
  models     TEXT NOT NULL
) STRICT;

-- A chat's choice is its pin; none means the default. A pin outlives its connection: the chat then says so.
CREATE TABLE chats (
  id         TEXT PRIMARY KEY,
  title      TEXT NOT NULL,
  pin        TEXT,
  head       TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX chats_by_time ON chats (deleted_at, updated_at);

-- A tree: answering again makes a sibling. A chat shows the branch that ends in its head.
CREATE TABLE messages (
  id          TEXT PRIMARY KEY,
  chat        TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
  parent      TEXT REFERENCES messages (id) ON DELETE CASCADE,
  role        TEXT NOT NULL,
  state       TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  written_by  TEXT,
  usage       TEXT,
  duration_ms INTEGER,
  remark      TEXT
) STRICT;
CREATE INDEX messages_of_chat ON messages (chat);
CREATE INDEX messages_by_parent ON messages (parent);
CREATE INDEX messages_streaming ON messages (state) WHERE state = 'streaming';

-- A message's content. A running answer appends rows, so that a flush costs what arrived and not what is there;
-- at its end they become one row a kind.
CREATE TABLE parts (
  message  TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  body     TEXT NOT NULL,
  PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

-- Single values: the default model, the current chat.
CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
