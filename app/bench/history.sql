-- Old work, in bulk. Statements end with a semicolon at the end of a line; :tickets, :account and :mark are parameters.
INSERT INTO contact (name, kind, language)
SELECT 'Vroeger ' || CAST(:mark AS text) || ' ' || n, 'person', 'nl' FROM generate_series(1, CAST(:tickets AS int) / 2) n;

INSERT INTO contact_address (contact_id, kind, address, handle, url)
SELECT id, 'email', 'vroeger' || id || '@bewoner.example', '', '' FROM contact WHERE name LIKE 'Vroeger ' || CAST(:mark AS text) || ' %';

-- One in fifty still waits, in some team's queue or with somebody; the rest is done.
WITH people AS (SELECT array_agg(id ORDER BY id) AS ids FROM agent),
     units AS (SELECT array_agg(id ORDER BY id) AS ids FROM team),
     subjects AS (SELECT array_agg(id ORDER BY id) AS ids FROM theme),
     who AS (SELECT min(id) AS first, count(*) AS number FROM contact WHERE name LIKE 'Vroeger ' || CAST(:mark AS text) || ' %')
INSERT INTO ticket (account_id, contact_id, kind, status, priority, rank, confidentiality, subject, language, theme_id, team_id,
    agent_id, subject_key, subject_url, subject_title, is_public, received_at, due_at, last_inbound_at, assigned_at, solved_at,
    decision_id)
SELECT CAST(:account AS bigint), who.first + n % who.number, 'question', CASE WHEN n % 50 = 0 THEN 'open' ELSE 'closed' END,
    'normal', 2, 'normal', 'Oud ' || CAST(:mark AS text) || ' ' || n, 'nl', subjects.ids[1 + n % 20], units.ids[1 + n % 20],
    CASE WHEN n % 100 = 0 THEN NULL ELSE people.ids[1 + n % cardinality(people.ids)] END, '', '', '', false,
    now() - n * interval '2 minutes', now() - n * interval '2 minutes' + interval '3 days', now() - n * interval '2 minutes',
    now() - n * interval '2 minutes', CASE WHEN n % 50 = 0 THEN NULL ELSE now() - n * interval '1 minute' END, 0
FROM generate_series(1, CAST(:tickets AS int)) n, people, units, subjects, who;

INSERT INTO raw_item (account_id, key, media_type, meta, body, size, completed, state, tries, handled_at, outcomes)
SELECT CAST(:account AS bigint), 'oud:' || id, 'message/rfc822', '{}', convert_to('From: oud ' || id, 'UTF8'), 20, '{}', 'ticketed', 1,
    now(), '[]' FROM ticket WHERE subject LIKE 'Oud ' || CAST(:mark AS text) || ' %';

UPDATE account_state SET seen = seen + CAST(:tickets AS int) WHERE account_id = CAST(:account AS bigint);

INSERT INTO message (ticket_id, account_id, kind, visibility, identity, external_id, contact_id, author_name, title, text, folds,
    language, "references", recipients, marks, advice, revised_from, fingerprint, terms, terms_version, received_at)
SELECT id, account_id, 'reaction', 'private', md5('oud' || id) || md5(id::text), '<oud-' || id || '@bewoner.example>', contact_id,
    'Bewoner van vroeger', subject, repeat('Er staat hier al weken een lantaarn niet aan en het is erg donker. ', 12), '[]', 'nl',
    '[]', '[]', '[]', '{}', '[]', id * 7919, array_to_tsvector(ARRAY['lantaarn', 'donker', 'week', 'straat', 'oud' || id % 5000, 'nummer' || id]), 1,
    received_at FROM ticket WHERE subject LIKE 'Oud ' || CAST(:mark AS text) || ' %';

INSERT INTO message (ticket_id, account_id, kind, visibility, external_id, agent_id, author_name, title, text, folds, language,
    "references", recipients, marks, advice, revised_from, terms, terms_version, received_at)
SELECT id, account_id, 'reply', 'private', '<wk-oud-' || id || '@voorbeeldstad.example>', agent_id, 'Team', subject,
    repeat('Dank voor uw bericht, wij komen kijken. ', 6), '[]', 'nl', '[]', '[]', '[]', '{}', '[]',
    array_to_tsvector(ARRAY['dank', 'kijk', 'bericht', 'antwoord' || id % 3000]), 1, received_at + interval '1 day'
FROM ticket WHERE subject LIKE 'Oud ' || CAST(:mark AS text) || ' %' AND status = 'closed';

INSERT INTO ticket_event (ticket_id, type, data, at)
SELECT id, kinds.type, '{"version": 1}', received_at
FROM ticket, (VALUES ('created'), ('routed'), ('taken'), ('replied'), ('status_set')) AS kinds(type)
WHERE subject LIKE 'Oud ' || CAST(:mark AS text) || ' %'
