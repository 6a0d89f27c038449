-- Entries: single ones and weekly series, half of them past; the last one has the same seats in every studio. The first
-- leader, location and tag are of all but one in four single ones, which have each in turn. The owner is that leader.
INSERT INTO tickets_leader (account_id, name, folded, staff_id, created_at)
SELECT account_id, format('Leader %s', number), format('leader %s', number),
    CASE number WHEN 1 THEN (SELECT min(id) FROM accounts_staff AS staff WHERE staff.account_id = studio.account_id) END,
    now_at - interval '400 days'
FROM studio, generate_series(1, names) AS number
ORDER BY studio, number;

INSERT INTO tickets_location (account_id, name, folded, address, map_link, online, link, created_at)
SELECT account_id, format('Room %s', number), format('room %s', number), '1 Long Road', '', false, '',
    now_at - interval '400 days'
FROM studio, generate_series(1, names) AS number
ORDER BY studio, number;

INSERT INTO tickets_tag (account_id, name, folded, created_at)
SELECT account_id, format('Tag %s', number), format('tag %s', number), now_at - interval '400 days'
FROM studio, generate_series(1, names) AS number
ORDER BY studio, number;

INSERT INTO tickets_picture (account_id, uuid, alt, width, height, created_at)
SELECT account_id, md5('picture' || account_id)::uuid, 'Mats by the river', 1280, 640, now_at - interval '400 days'
FROM studio;

CREATE TEMP TABLE scheduled AS
SELECT account_id, page_id, number, series0 + number AS series_id, entry0 + number AS entry_id, now_at,
    format('Single class %s', number) AS title,
    date_trunc('minute', now_at + interval '350 days' * ((number - 0.5) / singles - 0.5)) AS starts_at,
    CASE WHEN number % 4 = 0 THEN 1 + number / 4 % names ELSE 1 END AS nth
FROM studio, generate_series(1, singles) AS number
UNION ALL
SELECT account_id, page_id, singles + (number - 1) * 50 + week, series0 + singles + number,
    entry0 + singles + (number - 1) * 50 + week, now_at, format('Weekly class %s', number),
    date_trunc('hour', now_at) + interval '1 week' * (week - 26) + interval '1 minute' * (60 + number % 1000), 1
FROM studio, generate_series(1, weeklies) AS number, generate_series(1, 50) AS week
UNION ALL
SELECT account_id, page_id, entries, series0 + singles + weeklies + 1, entry0 + entries, now_at, 'Measured class',
    date_trunc('hour', now_at) + interval '3 days', 1
FROM studio;

INSERT INTO tickets_series (id, account_id, page_id, rule, created_at)
SELECT DISTINCT ON (series_id) series_id, account_id, page_id,
    CASE WHEN title LIKE 'Weekly%' THEN 'FREQ=WEEKLY;COUNT=50' ELSE '' END, now_at - interval '400 days'
FROM scheduled ORDER BY series_id;

INSERT INTO tickets_entry (id, account_id, page_id, series_id, uuid, title, description, location, venue_id,
    picture_id, starts_at, ends_at, local_start, local_end, start_offset, end_offset, per_booking, created_at)
SELECT entry_id, account_id, page_id, series_id, md5('entry' || entry_id)::uuid, title, 'An hour of movement.',
    venue.name, venue.id, CASE WHEN title NOT LIKE 'Single%' THEN picture.id END, starts_at, ends_at,
    starts_at AT TIME ZONE 'UTC', ends_at AT TIME ZONE 'UTC', 0, 0, 6,
    now_at - interval '400 days'
FROM scheduled JOIN tickets_location AS venue USING (account_id) JOIN tickets_picture AS picture USING (account_id),
    LATERAL (SELECT starts_at + interval '1 hour' AS ends_at) AS until
WHERE venue.folded = format('room %s', nth)
ORDER BY entry_id;

INSERT INTO tickets_entryleader (account_id, entry_id, leader_id, page_id, starts_at, position, is_planned, leads)
SELECT account_id, entry_id, leader.id, page_id, starts_at, 0, true, true
FROM scheduled JOIN tickets_leader AS leader USING (account_id)
WHERE leader.folded = format('leader %s', nth)
ORDER BY entry_id;

INSERT INTO tickets_entrytag (account_id, entry_id, tag_id, page_id, starts_at)
SELECT account_id, entry_id, tag.id, page_id, starts_at
FROM scheduled JOIN tickets_tag AS tag USING (account_id)
WHERE tag.folded IN (format('tag %s', nth), CASE WHEN number % 3 = 0 THEN 'tag 2' END)
ORDER BY entry_id;

-- Of each series: a free ticket, one with a price, one for members.
INSERT INTO tickets_ticket (id, account_id, series_id, name, description, exclusive, shown, cost, price,
    closes_minutes_before, position, created_at)
SELECT ticket0 + 3 * number + kind, account_id, series0 + number,
    (ARRAY['Member’s place', 'Drop-in', 'Supporter'])[1 + kind], '', kind = 0, true,
    CASE kind WHEN 2 THEN 'cost' ELSE 'free' END, CASE kind WHEN 2 THEN 1200 ELSE 0 END, 0, kind,
    now_at - interval '400 days'
FROM studio, generate_series(1, series) AS number, generate_series(0, 2) AS kind
ORDER BY ticket0, number, kind;

INSERT INTO tickets_ticket_groups (ticket_id, group_id)
SELECT ticket0 + 3 * number, group_id
FROM studio, generate_series(1, series) AS number, unnest(ARRAY[everybody, few, several, gold]) AS group_id;

INSERT INTO tickets_coverage (account_id, offer_id, page_id)
SELECT account_id, offer_id, page_id
FROM studio, unnest(ARRAY[offer_everybody, offer_gold, offer_discount]) AS offer_id;

INSERT INTO tickets_coverage (account_id, offer_id, ticket_id)
SELECT account_id, offer_several, ticket0 + 3 * number FROM studio, generate_series(1, picked_several) AS number
UNION ALL
SELECT account_id, offer_few, ticket0 + 3 * number FROM studio, generate_series(1, picked_few) AS number;
