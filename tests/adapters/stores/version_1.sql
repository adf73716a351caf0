-- A store as schema version 1 wrote it: one call that ended, one that was under way, two effects to be done.
-- Never change it: it stands for files that exist.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1986224492;
CREATE TABLE schema_version (version INTEGER NOT NULL);
INSERT INTO schema_version VALUES (1);
CREATE TABLE calls (
    number INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    started_at_ms INTEGER NOT NULL,
    direction TEXT NOT NULL,
    line TEXT NOT NULL,
    reached TEXT NOT NULL,
    floor TEXT NOT NULL,
    bridged INTEGER NOT NULL,
    end_reason TEXT,
    word TEXT NOT NULL
);
CREATE INDEX calls_by_start ON calls (started_at_ms, number);
CREATE INDEX calls_by_word ON calls (word, started_at_ms, number);
CREATE INDEX live_calls ON calls (started_at_ms, number) WHERE end_reason IS NULL;
CREATE INDEX outbound_calls ON calls (started_at_ms) WHERE direction = 'outbound';
CREATE TABLE carrier_ids (
    carrier_call_id TEXT NOT NULL,
    call INTEGER NOT NULL REFERENCES calls (number),
    PRIMARY KEY (carrier_call_id, call)
) WITHOUT ROWID;
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    call INTEGER NOT NULL REFERENCES calls (number),
    body BLOB NOT NULL
);
CREATE INDEX events_of_calls ON events (call);
CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    effect_id TEXT NOT NULL UNIQUE,
    call_id TEXT NOT NULL,
    body BLOB NOT NULL
);
INSERT INTO calls VALUES (1, 'call-1', 9, 1000, 'outbound', 'ended', 'up', 'ours', 0, 'completed', 'completed');
INSERT INTO calls VALUES (2, 'call-2', 2, 5000, 'inbound', 'up', 'up', 'nobody', 0, NULL, 'answered');
INSERT INTO carrier_ids VALUES ('CA1', 1), ('CA2', 2);
INSERT INTO events VALUES (1, 1, CAST('{"event":"opened","at_ms":1000,"call_id":"call-1","callee":{"e164":"+15550005678"},"caller":{"e164":"+15550001234"},"carrier":"mock","carrier_call_id":null,"direction":"outbound","locale":"en-US","mode":"notify","notes":[["why","test"]],"opening":"Hello.","session_key":"","source":"","terms":{"barge_in_ms":400,"max_ms":300000,"notify_hangup_ms":3000,"partial_ms":5000,"response_ms":30000,"ring_ms":30000,"silence_ms":0,"stale_ms":120000,"stream_grace_ms":2000,"transcript_ms":180000}}' AS BLOB));
INSERT INTO events VALUES (2, 1, CAST('{"event":"dialled","at_ms":1010,"carrier_call_id":"CA1","source":""}' AS BLOB));
INSERT INTO events VALUES (3, 1, CAST('{"event":"rang","at_ms":1020,"source":"EV1"}' AS BLOB));
INSERT INTO events VALUES (4, 1, CAST('{"event":"answered","at_ms":1030,"source":"EV2"}' AS BLOB));
INSERT INTO events VALUES (5, 2, CAST('{"event":"opened","at_ms":5000,"call_id":"call-2","callee":{"e164":"+15550001234"},"caller":null,"carrier":"mock","carrier_call_id":"CA2","direction":"inbound","locale":"zh-CN","mode":"conversation","notes":[],"opening":"","session_key":"","source":"EV9","terms":{}}' AS BLOB));
INSERT INTO events VALUES (6, 1, CAST('{"event":"speech-queued","at_ms":1040,"last":true,"part":0,"purpose":"opening","source":"","speech_id":"opening","text":"Hello."}' AS BLOB));
INSERT INTO events VALUES (7, 1, CAST('{"event":"speech-started","at_ms":1050,"source":"","speech_id":"opening"}' AS BLOB));
INSERT INTO events VALUES (8, 1, CAST('{"event":"speech-heard","at_ms":2050,"error":"","heard":"Hello.","part":0,"source":"","speech_id":"opening"}' AS BLOB));
INSERT INTO events VALUES (9, 1, CAST('{"event":"closing-began","at_ms":5040,"error":"","reason":"completed","source":""}' AS BLOB));
INSERT INTO events VALUES (10, 1, CAST('{"event":"ended","at_ms":5100,"cause":"16","error":"","reason":"completed","source":"EV3"}' AS BLOB));
INSERT INTO events VALUES (11, 2, CAST('{"event":"answered","at_ms":5200,"source":""}' AS BLOB));
INSERT INTO outbox VALUES (3, 'call-1:7:0', 'call-1', CAST('{"effect":"hang-up","carrier_call_id":"CA1","reason":"completed"}' AS BLOB));
INSERT INTO outbox VALUES (4, 'call-2:1:0', 'call-2', CAST('{"effect":"answer","carrier_call_id":"CA2"}' AS BLOB));
