--{"server": 18, "made_from": {"account.0001_initial": "6f27ff6bdf57521a", "account.0002_email_max_length": "c956ab7a3c3660a1", "account.0003_alter_emailaddress_create_unique_verified_email": "66b6f1939621bcfa", "account.0004_alter_emailaddress_drop_unique_email": "ebc6317e90c47d7a", "account.0005_emailaddress_idx_upper_email": "e7569f1662da1754", "account.0006_emailaddress_lower": "54adb08cb3fba66b", "account.0007_emailaddress_idx_email": "87fad70bfde8ae29", "account.0008_emailaddress_unique_primary_email_fixup": "794bf875bdbef9c4", "account.0009_emailaddress_unique_primary_email": "79762cfa7b1e1d7c", "accounts.0001_initial": "677ee68a86e7f3ef", "accounts.0002_text": "3d82aa0d4ad46f63", "accounts.0003_text_mended": "1a3ba86cde83e280", "accounts.0004_names": "a60e2302f49897ff", "accounts.0005_delivery": "e71999baed9c1d6b", "accounts.0006_contact_and_language": "e1e9a2394e3889d0", "accounts.0007_studios_and_confirmation": "969043f0a4d7ac98", "accounts.0008_clean_addresses": "e88c24ab359b3f3e", "accounts.0009_plain_addresses": "7c955f178aaec2a5", "accounts.0010_two_step_login": "756b9e01d92ee1f5", "accounts.0011_letter_indexes": "3c44230389cf577d", "accounts.0012_validated": "1fb9751a0bb72b33", "accounts.0013_current_time_zones": "94282e78227115d9", "accounts.0014_letter_given_up": "e649d50d715945dc", "accounts.0015_bank_debits": "03077a2c748cd56d", "accounts.0016_operations": "5bce582a665ffc2a", "accounts.0017_pauses": "0a1f933747f736cf", "accounts.0018_letter_facts": "ca46641bc2cf05e5", "accounts.0019_letter_indexes": "3e98cb55e57c6d75", "accounts.0020_letter_vacuum": "94d128dfd189b714", "accounts.0021_lists": "bbc6b7fcb3e6ccc3", "accounts.0022_exports": "a58088c707904d62", "accounts.0023_index_once": "eb5f9133eb241f20", "accounts.0024_customers_by_name": "5c6c1911fcd1a6d6", "accounts.0025_history": "e5e720cbb7cc33de", "accounts.0026_operation_began_by": "6c420bc9b2e09c5f", "accounts.0027_operation_began_by_index": "ddf532a98b6d7a52", "accounts.0028_leader_word": "c107dc6d82cb585a", "accounts.0029_absent_uses": "b09f643e47d9f1b1", "accounts.0030_waiting_list": "4bf5903885b407c4", "accounts.0031_removed_dates": "5f1e4f93bdf55c2b", "accounts.0032_people": "93d52507956c620a", "accounts.0033_people_filled": "c49fc5fdb2cb0a33", "accounts.0034_people_indexes": "250d4e8c92c98462", "accounts.0035_people_validated": "91c1896876af0e8f", "accounts.0036_list_files": "4674e2742817d77c", "accounts.0037_customer_invited": "b26a6cadcb365717", "accounts.0038_login_addresses": "ffdef6de107173c8", "accounts.0039_stripe_customer_index": "745cd6fa9e3090a3", "accounts.0040_erasures": "54180cbc93e8c1b5", "accounts.0041_erasures_validated": "fa607419425ac1cf", "accounts.0042_export_records": "7f9bce15ef1c402d", "accounts.0043_merged_customers": "06e6acc508f0e37e", "accounts.0044_addresses_move": "0303cbdd7a561798", "accounts.0045_contacts": "69e90e159ac6ad10", "accounts.0046_contacts_validated": "cd1f2070fb17fbee", "accounts.0047_retention": "43e95c382c5a1f33", "accounts.0048_retention_indexes": "25eed12a226107a2", "accounts.0049_money": "fbc98348454932d8", "accounts.0050_money_validated": "f3a0dc1e5ae394fe", "accounts.0051_branding_and_letters": "7029c055798ca693", "accounts.0052_branding_validated": "045c46af3ce1e3b8", "accounts.0053_mailings": "7fdd5f53ee2b4118", "accounts.0054_mailing_indexes": "2314e4068ac93b52", "accounts.0055_letters_expire": "36b84db1bba72988", "accounts.0056_letters_expire_validated": "e35b7ceb4f8359bb", "accounts.0057_found_without_accents": "2fa748dd19a5013a", "auth.0001_initial": "845cff319606332f", "auth.0002_alter_permission_name_max_length": "feaf97e0e8f7d148", "auth.0003_alter_user_email_max_length": "9d5657b4db9872dc", "auth.0004_alter_user_username_opts": "9538db342c9a9bec", "auth.0005_alter_user_last_login_null": "79f60a35dc000fdd", "auth.0006_require_contenttypes_0002": "00cb16e3405f14b6", "auth.0007_alter_validators_add_error_messages": "115db87dc327530f", "auth.0008_alter_user_username_max_length": "02857f65f7d64814", "auth.0009_alter_user_last_name_max_length": "19a89500e7f108a7", "auth.0010_alter_group_name_max_length": "0963ed6498ac0b3a", "auth.0011_update_proxy_permissions": "85a5dde708dc4b61", "auth.0012_alter_user_first_name_max_length": "6cefbc9f80903763", "contenttypes.0001_initial": "35ed8489a147e0b4", "contenttypes.0002_remove_content_type_name": "7d36494075750f0e", "groups.0001_initial": "d27116e234d282c8", "groups.0002_text": "4634e356575b2b8a", "groups.0003_text_mended": "f0d82868ff89de3b", "groups.0004_standing_anchor_at": "b6719bf1354cd3f6", "groups.0005_standing_anchor_at_checked": "9c0d8778dd9a6b72", "groups.0006_member_stands_until": "214a04328fa25405", "groups.0007_member_stands_until_filled": "d0251f4e8c0d6ea8", "groups.0008_group_indexes": "6add79298343ddf5", "groups.0009_pasted_lists": "2e805df8b7a98cc7", "groups.0010_group_search": "cd9ff5ed7874ee46", "groups.0011_index_once": "0bea432ec995cab5", "groups.0012_people": "da83d872d8a4c724", "groups.0013_people_index": "3f04f84eca264e0a", "groups.0014_member_changes": "3631c66d814f96b7", "groups.0015_member_change_rows_of_account": "104ad69629c2bab8", "groups.0016_invitations": "233194e7cf84c0a0", "groups.0017_member_seen_filled": "2bf4747d528ca98a", "groups.0018_member_unseen": "28d07f89630c2cf6", "groups.0019_standing_on_ground": "be2294c1da881e28", "groups.0020_standings_by_time": "1239fb8132505862", "groups.0021_found_without_accents": "4ed31c9eebb9d206", "installation.0001_initial": "5c733554b5372a34", "installation.0002_jobs": "8ddf15c8c99ca04f", "memberships.0001_initial": "b0442a1e501b1b03", "memberships.0002_text": "ac45d4454ee6b3a0", "memberships.0003_text_mended": "299d84dd1308cb94", "memberships.0004_standings_billed": "4e5e2093b45a0954", "memberships.0005_subscription_billing": "14d39c1bb192f965", "memberships.0006_left_out": "64eabaf7ab1a1ccc", "memberships.0007_what_stripe_bills": "79745baf614f6528", "memberships.0008_payment_on_way": "3dd9f5fa5a36c5f8", "memberships.0009_pauses": "ec681b968de6b0c3", "memberships.0010_subscription_changes": "7bd4e200bf9b4fd0", "memberships.0011_happenings": "b131c30a1e8c9621", "memberships.0012_compared": "67558cb5f819e130", "memberships.0013_lists": "8a31fb2aca63fa23", "memberships.0014_invoice_unsettled": "9bb69f941337fb5a", "memberships.0015_resumes": "cfd1be324f7692f1", "memberships.0016_index_once": "07f883b8c5002304", "memberships.0017_by_title": "808b44678507ae84", "memberships.0018_counted_by_index": "dc98035aaf5daf67", "memberships.0019_money": "5dc9eb7e5d7d600d", "mfa.0001_initial": "a42b6353f2ed5dd7", "mfa.0002_authenticator_timestamps": "b6566eb07301e2e4", "mfa.0003_authenticator_type_uniq": "88550a456154080c", "offers.0001_initial": "36d4edf54f01c648", "offers.0002_periods_open": "b80abbaa0692190d", "offers.0003_index_once": "61532c7f3277c67b", "offers.0004_carrying": "6e4d7991aa2b78cf", "offers.0005_people": "08092f5a742f9dfa", "offers.0006_offer_name": "55e741a224f7ae61", "offers.0007_offer_name_validated": "c25d64aaa35653f4", "payments.0001_initial": "1fba40cd6d8dccae", "payments.0002_connection_troubled": "8e23d27415d64cd9", "payments.0003_failed_calls": "5e94d493abd1e745", "payments.0004_comparison": "d6d3a93a9751e616", "payments.0005_event_indexes": "3b0123e58a37e790", "payments.0006_event_state": "8b5d62f464b02991", "payments.0007_event_vacuum": "9bb99f1cd9e43bd9", "payments.0008_event_of_subject": "316f2447511ce9be", "payments.0009_erased_at_stripe": "7d336608533f073d", "payments.0010_event_of_state": "10c7a9eaca95fb46", "sessions.0001_initial": "2aa438e2393ee513", "tickets.0001_initial": "236cc67ad4069591", "tickets.0002_text": "68d4ee1a44673c98", "tickets.0003_text_mended": "2938512e90d2b92c", "tickets.0004_names": "82cc7ad1a1428f85", "tickets.0005_hold_limits": "635fd7433c54931a", "tickets.0006_guest_hold_index": "160285e7081116df", "tickets.0007_validated": "8d3e9973d95d5ff2", "tickets.0008_booking_newest": "8674e355b16af4b3", "tickets.0009_wall_times": "fb03ef752d1095d0", "tickets.0010_wall_times_filled": "2d875253619bdfee", "tickets.0011_wall_times_whole": "1cb35f91c6a5604a", "tickets.0012_jobs": "0f89a57ecebaff19", "tickets.0013_disputes": "9f48bc1c5486fc11", "tickets.0014_payments_on_way": "57d6219b90e05193", "tickets.0015_public_pages": "c170335dec0a50e3", "tickets.0016_due_by_account": "2d8548d82d6c183f", "tickets.0017_group_tickets": "97e82c05ad7eee37", "tickets.0018_lists": "1566f739e8ba5305", "tickets.0019_presence": "45788d9f3520bfb3", "tickets.0020_ticket_search": "676a5832c8ef5909", "tickets.0021_index_once": "7e67552af08cb999", "tickets.0022_carried": "0d750ea7d48244d8", "tickets.0023_told_by_index": "5702d2bee48d3db9", "tickets.0024_move_notice": "011bf75dc8073624", "tickets.0025_people_and_places": "4eaeae02f2d85d67", "tickets.0026_entries_by_place": "5f7090a0a643a05e", "tickets.0027_attendance": "96d7b81576917a59", "tickets.0028_by_the_studio": "2e1492b86c99e814", "tickets.0029_owed_and_moved": "5268f9a297a281a1", "tickets.0030_series_as_said": "4cbaa87b852f1d5a", "tickets.0031_ticket_families": "1d09b4e97d0b2b61", "tickets.0032_waiting_list": "8931c931914c49fd", "tickets.0033_waiting_list_index": "56ec4b4a01d92ca6", "tickets.0034_waiting_list_validated": "f1ed04c888d6c1a3", "tickets.0035_finding_kinds": "ad881eb87ae7f3a5", "tickets.0036_entries_by_title": "400c498212d9716d", "tickets.0037_waiting_for_any": "b2c33195c82b89a6", "tickets.0038_people": "1f2d74ee42314121", "tickets.0039_extra_uses": "52d56d3ba037c1c2", "tickets.0040_waiting_address": "1d997f5376ddf051", "tickets.0041_imported_seats": "e4bd806227fec4db", "tickets.0042_waiting_over": "6e0564a158552f8b", "tickets.0043_money": "c18a6be2bab7ab32", "tickets.0044_ledger_kept": "cbdff0084e1ce3da", "tickets.0045_ledger_filled": "9c6aed94edab96d1", "tickets.0046_discount_codes": "f2289b2dce2b0e6a", "tickets.0047_discount_code_indexes": "a32c07335d45fdd5", "tickets.0048_discount_codes_validated": "c468e7f9dd3a02ce", "tickets.0049_entry_reminders": "90ce8caaeb6b2e33", "tickets.0050_vat": "e83b964b50b25d4d", "tickets.0051_vat_index": "9469b7ffb24483ed", "tickets.0052_receipts": "ea2b320eac2f38f8", "tickets.0053_ledger_by_kind": "f97d4bc20be52ca7", "tickets.0054_payouts": "93b9e092d90e9880", "tickets.0055_found_without_accents": "ae21186b70b35d0e"}}
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;
COMMENT ON EXTENSION btree_gin IS 'support for indexing common datatypes in GIN';
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';
CREATE FUNCTION public.accounts_follow_addresses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- Who is made has no address but their own, which is not listed.
        SELECT array_agg(DISTINCT address.customer_id) INTO touched
            FROM now_rows AS address JOIN accounts_customer AS customer ON customer.id = address.customer_id
            WHERE customer.email IS DISTINCT FROM address.email;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT customer_id) INTO touched FROM old_rows;
    ELSE
        -- Not `old` and `new`: those are the trigger's own.
        SELECT array_agg(DISTINCT moved.customer_id) INTO touched
            FROM (
                SELECT was.customer_id FROM old_rows AS was JOIN now_rows AS has ON has.id = was.id
                WHERE (was.customer_id, was.email) IS DISTINCT FROM (has.customer_id, has.email)
                UNION
                SELECT has.customer_id FROM old_rows AS was JOIN now_rows AS has ON has.id = was.id
                WHERE (was.customer_id, was.email) IS DISTINCT FROM (has.customer_id, has.email)
            ) AS moved;
    END IF;
    IF touched IS NOT NULL THEN
        PERFORM accounts_list_addresses(touched);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.accounts_keep_address() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO accounts_customeraddress (account_id, customer_id, email, created_at)
    SELECT account_id, id, email, created_at FROM now_rows WHERE email IS NOT NULL ORDER BY email;
    RETURN NULL;
END $$;
CREATE FUNCTION public.accounts_keep_changed_address() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.email IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO accounts_customeraddress (account_id, customer_id, email, created_at)
    VALUES (NEW.account_id, NEW.id, NEW.email, now()) ON CONFLICT (account_id, email) DO NOTHING;
    IF NOT EXISTS (
        SELECT FROM accounts_customeraddress
        WHERE account_id = NEW.account_id AND email = NEW.email AND customer_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'the address is another customer''s'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'customer_address_once';
    END IF;
    PERFORM accounts_list_addresses(ARRAY[NEW.id]);
    UPDATE accounts_customer SET contact_email = NEW.email WHERE contact_id = NEW.id AND contact_email <> NEW.email;
    UPDATE accounts_stripecustomer SET email_due_at = clock_timestamp()
        WHERE customer_id IN (SELECT id FROM accounts_customer WHERE contact_id = NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION public.accounts_keep_history() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF current_setting('bookwhen.history', true) = 'open' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'accounts_auditentry' THEN
        IF NEW.actor_id IS NULL AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the history is only added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION public.accounts_keep_login_address() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    owner bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('login address ' || NEW.email, 0));
    IF TG_TABLE_NAME = 'accounts_user' THEN
        SELECT user_id INTO owner FROM account_emailaddress
            WHERE email = NEW.email AND verified AND user_id <> NEW.id LIMIT 1;
    ELSE
        SELECT id INTO owner FROM accounts_user WHERE email = NEW.email AND id <> NEW.user_id;
    END IF;
    IF owner IS NOT NULL THEN
        RAISE EXCEPTION 'the address is another login''s'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'login_address_once';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.accounts_keep_own_address() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_customer AS customer
        WHERE customer.id = OLD.customer_id AND customer.email IS NOT NULL AND NOT EXISTS (
            SELECT FROM accounts_customeraddress AS address
            WHERE address.account_id = customer.account_id AND address.email = customer.email
                AND address.customer_id = customer.id
        )
    ) THEN
        RAISE EXCEPTION 'a customer keeps the address that is theirs'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'customer_address_kept';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.accounts_list_addresses(touched bigint[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM id FROM accounts_customer WHERE id = ANY(touched) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM accounts_customer AS customer
            JOIN accounts_customeraddress AS address ON address.customer_id = customer.id
            WHERE customer.id = ANY(touched) AND customer.contact_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a customer with a contact has no address'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_contact_or_address';
    END IF;
    UPDATE accounts_customer AS customer SET other_addresses = listed.others
    FROM (
        SELECT each.id, coalesce((
            SELECT string_agg(address.email, ' ' ORDER BY address.id) FROM accounts_customeraddress AS address
            WHERE address.customer_id = each.id AND address.email <> (
                SELECT own.email FROM accounts_customer AS own WHERE own.id = each.id
            )
        ), '') AS others
        FROM unnest(touched) AS each (id)
    ) AS listed
    WHERE customer.id = listed.id AND customer.other_addresses <> listed.others;
END $$;
CREATE FUNCTION public.accounts_note_address_for_stripe() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE accounts_stripecustomer SET email_due_at = clock_timestamp() WHERE customer_id = NEW.id;
    RETURN NULL;
END $$;
CREATE FUNCTION public.accounts_reach_contact() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    reached text;
BEGIN
    IF NEW.contact_id IS NULL THEN
        NEW.contact_email := '';
        RETURN NEW;
    END IF;
    SELECT email INTO reached FROM accounts_customer
        WHERE id = NEW.contact_id AND account_id = NEW.account_id AND contact_id IS NULL FOR SHARE;
    IF reached IS NULL OR EXISTS (SELECT FROM accounts_customer WHERE contact_id = NEW.id) THEN
        RAISE EXCEPTION 'a contact is a customer of the account who has an address'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_contact_reached';
    END IF;
    IF EXISTS (SELECT FROM accounts_customeraddress WHERE customer_id = NEW.id) THEN
        RAISE EXCEPTION 'a customer with a contact has no address'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_contact_or_address';
    END IF;
    NEW.contact_email := reached;
    RETURN NEW;
END $$;
CREATE FUNCTION public.groups_follow_seen() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE groups_member SET seen_at = NEW.seen_at WHERE customer_id = NEW.id;
    RETURN NULL;
END $$;
CREATE FUNCTION public.groups_follow_standings() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT member_id) INTO touched FROM now_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT member_id) INTO touched FROM old_rows;
    ELSE
        SELECT array_agg(DISTINCT member_id) INTO touched
            FROM (SELECT member_id FROM old_rows UNION SELECT member_id FROM now_rows) AS both_rows;
    END IF;
    PERFORM id FROM groups_member WHERE id = ANY(touched) ORDER BY id FOR NO KEY UPDATE;
    UPDATE groups_member AS member SET stands_until = held.latest
    FROM (
        SELECT each.id, (
            SELECT max(coalesce(standing.until, '9999-01-01 00:00:00+00'))
            FROM groups_standing AS standing WHERE standing.member_id = each.id
        ) AS latest
        FROM unnest(touched) AS each (id)
    ) AS held
    WHERE member.id = held.id AND member.stands_until IS DISTINCT FROM held.latest;
    RETURN NULL;
END $$;
CREATE FUNCTION public.groups_member_is_seen() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    SELECT seen_at INTO NEW.seen_at FROM accounts_customer WHERE id = NEW.customer_id FOR SHARE;
    RETURN NEW;
END $$;
CREATE FUNCTION public.offers_refuse_uncarried() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM offers_offer AS offer
        JOIN offers_usageperiod AS before ON before.offer_id = offer.replaces_id
        WHERE offer.id = NEW.offer_id AND offer.carrying AND before.member_id = NEW.member_id
    ) THEN
        RAISE EXCEPTION 'The uses of member % have not been carried over to offer % yet.', NEW.member_id, NEW.offer_id
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'period_no_overlap';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.tickets_attendance_goes_with_seat() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM tickets_attendance WHERE seat_id = NEW.id;
    RETURN NULL;
END $$;
CREATE FUNCTION public.tickets_attendance_of_live_seat() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM FROM tickets_seat
        WHERE id = NEW.seat_id AND account_id = NEW.account_id AND cancelled_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody is marked at a seat that was cancelled'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_of_live_seat', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.tickets_collect_of_seat() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE tickets_seat SET owed = owed - NEW.amount - NEW.forgiven, collected = collected + NEW.amount
        WHERE id = NEW.seat_id AND account_id = NEW.account_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'money is taken for a space of the same account'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'studio_line_of_account', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.tickets_file_again() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE tickets_entryleader SET page_id = NEW.page_id, starts_at = NEW.starts_at WHERE entry_id = NEW.id;
    UPDATE tickets_entrytag SET page_id = NEW.page_id, starts_at = NEW.starts_at WHERE entry_id = NEW.id;
    RETURN NULL;
END $$;
CREATE FUNCTION public.tickets_file_by_schedule() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    SELECT page_id, starts_at INTO NEW.page_id, NEW.starts_at FROM tickets_entry WHERE id = NEW.entry_id FOR SHARE;
    RETURN NEW;
END $$;
CREATE FUNCTION public.tickets_keep_money() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('bookwhen.history', true) = 'open' THEN
            RETURN OLD;
        END IF;
    ELSIF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is known of money is only added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION public.tickets_keep_venue() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tickets_location WHERE id = NEW.venue_id AND name = NEW.location) THEN
        NEW.venue_id := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.tickets_ledger_dispute(pk bigint) RETURNS void
    LANGUAGE sql
    AS $$
    SELECT tickets_ledger_write(
        'dispute', dispute.id, dispute.account_id, 'disputed', 'stripe',
        -(dispute.withdrawn::bigint + dispute.withdrawn_of_invoice),
        coalesce(payment.currency, dispute.currency), coalesce(booking.customer_id, subscription.customer_id),
        coalesce(dispute.moved_at, dispute.closed_at, dispute.opened_at)
    )
    FROM tickets_dispute AS dispute
    LEFT JOIN tickets_payment AS payment ON payment.id = dispute.payment_id
    LEFT JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    LEFT JOIN memberships_invoice AS invoice ON invoice.id = dispute.invoice_id
    LEFT JOIN memberships_subscription AS subscription ON subscription.id = invoice.subscription_id
    WHERE dispute.id = pk
$$;
CREATE FUNCTION public.tickets_ledger_follows() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
BEGIN
    EXECUTE format('SELECT %I($1)', 'tickets_ledger_' || TG_ARGV[0]) USING NEW.id;
    RETURN NULL;
END $_$;
CREATE FUNCTION public.tickets_ledger_invoice(pk bigint) RETURNS void
    LANGUAGE sql
    AS $$
    SELECT tickets_ledger_write(
        'invoice', invoice.id, invoice.account_id, 'membership_paid', 'stripe',
        CASE WHEN invoice.status = 'paid' AND invoice.settlement IN ('', 'money')
            THEN greatest(invoice.amount_paid - coalesce(tickets.amount, 0), 0) ELSE 0 END,
        invoice.currency, subscription.customer_id, coalesce(invoice.paid_at, invoice.created_at)
    )
    FROM memberships_invoice AS invoice
    JOIN memberships_subscription AS subscription ON subscription.id = invoice.subscription_id
    -- The first bill of a membership that was bought with tickets bears these too: they have lines of their own.
    LEFT JOIN LATERAL (
        SELECT sum(payment.amount) AS amount FROM tickets_payment AS payment
        WHERE payment.purchase_id = invoice.subscription_id AND payment.state <> 'abandoned' AND NOT EXISTS (
            SELECT FROM memberships_invoice AS earlier
            WHERE earlier.subscription_id = invoice.subscription_id
                AND (earlier.created_at, earlier.id) < (invoice.created_at, invoice.id)
        )
    ) AS tickets ON true
    WHERE invoice.id = pk
$$;
CREATE FUNCTION public.tickets_ledger_invoice_refund(pk bigint) RETURNS void
    LANGUAGE sql
    AS $$
    SELECT tickets_ledger_write(
        'invoice_refund', refund.id, refund.account_id, 'membership_refunded', 'stripe',
        CASE WHEN refund.state IN ('pending', 'done') THEN -refund.amount ELSE 0 END,
        invoice.currency, subscription.customer_id, coalesce(refund.moved_at, refund.created_at)
    )
    FROM tickets_invoicerefund AS refund
    JOIN memberships_invoice AS invoice ON invoice.id = refund.invoice_id
    JOIN memberships_subscription AS subscription ON subscription.id = invoice.subscription_id
    WHERE refund.id = pk
$$;
CREATE FUNCTION public.tickets_ledger_payment(pk bigint) RETURNS void
    LANGUAGE sql
    AS $$
    SELECT tickets_ledger_write(
        'payment', payment.id, payment.account_id, 'tickets_paid', 'stripe',
        CASE WHEN payment.state = 'paid' THEN payment.amount ELSE 0 END,
        payment.currency, booking.customer_id, coalesce(payment.paid_at, clock_timestamp())
    )
    FROM tickets_payment AS payment JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    WHERE payment.id = pk
$$;
CREATE FUNCTION public.tickets_ledger_refund(pk bigint) RETURNS void
    LANGUAGE sql
    AS $$
    SELECT tickets_ledger_write(
        'refund', refund.id, refund.account_id, 'tickets_refunded', 'stripe',
        CASE WHEN refund.state IN ('pending', 'done') THEN -refund.amount ELSE 0 END,
        payment.currency, booking.customer_id, coalesce(refund.moved_at, refund.done_at, refund.created_at)
    )
    FROM tickets_refund AS refund
    JOIN tickets_payment AS payment ON payment.id = refund.payment_id
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    WHERE refund.id = pk
$$;
CREATE FUNCTION public.tickets_ledger_studio_payment(pk bigint) RETURNS void
    LANGUAGE sql
    AS $$
    SELECT tickets_ledger_write(
        'studio_payment', taken.id, taken.account_id,
        CASE WHEN taken.amount > 0 THEN 'studio_taken' ELSE 'studio_given_back' END, taken.method, taken.amount,
        taken.currency, taken.customer_id, taken.taken_at
    )
    FROM tickets_studiopayment AS taken WHERE taken.id = pk
$$;
CREATE FUNCTION public.tickets_ledger_write(source text, source_id bigint, account bigint, kind text, method text, worth bigint, currency text, customer bigint, happened timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    told bigint;
    lines integer;
BEGIN
    EXECUTE format('SELECT coalesce(sum(amount), 0), count(*) FROM tickets_ledgerline WHERE %I = $1', source || '_id')
        INTO told, lines USING source_id;
    IF worth <> told THEN
        EXECUTE format(
            'INSERT INTO tickets_ledgerline (account_id, happened_at, kind, method, amount, currency, customer_id,'
            ' number, created_at, %I) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp(), $9)', source || '_id'
        ) USING account, happened, kind, method, worth - told, currency, customer, lines + 1, source_id;
    END IF;
END $_$;
CREATE FUNCTION public.tickets_owed_of_cancelled() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.owed := -NEW.collected;
    RETURN NEW;
END $$;
CREATE FUNCTION public.tickets_receipt_numbered() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE tickets_receiptcounter SET last = NEW.number WHERE account_id = NEW.account_id AND last = NEW.number - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the next receipt has the next number'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_number_next', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.tickets_receipt_wanted() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO tickets_receiptdue (account_id, line_id)
    SELECT NEW.account_id, NEW.id FROM tickets_receiptsettings AS settings
        WHERE settings.account_id = NEW.account_id AND settings.is_on;
    RETURN NULL;
END $$;
CREATE FUNCTION public.tickets_studio_payment_adds_up() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    pk bigint := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF EXISTS (
        SELECT FROM tickets_studiopayment AS taken WHERE taken.id = pk AND taken.amount <> (
            SELECT coalesce(sum(line.amount), 0) FROM tickets_studiopaymentline AS line WHERE line.payment_id = taken.id
        )
    ) THEN
        RAISE EXCEPTION 'the lines of a payment at the studio do not add up to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'studio_payment_adds_up', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.tickets_studio_payment_corrects() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM tickets_studiopayment AS wrong
        WHERE wrong.id = NEW.corrects_id AND wrong.account_id = NEW.account_id AND wrong.customer_id = NEW.customer_id
            AND wrong.currency = NEW.currency AND wrong.method = NEW.method AND wrong.amount = -NEW.amount
            AND wrong.corrects_id IS NULL
    ) THEN
        RAISE EXCEPTION 'a payment at the studio is cancelled by its opposite'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'studio_payment_corrects', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);
ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_account (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    slug character varying(60) NOT NULL,
    plan character varying(20) NOT NULL,
    currency character varying(3) NOT NULL,
    time_zone character varying(64) NOT NULL,
    locale character varying(10) NOT NULL,
    cancellation_cutoff_minutes integer NOT NULL,
    customers_cancel boolean NOT NULL,
    returns_late_uses boolean NOT NULL,
    hold_minutes smallint NOT NULL,
    refund_percent smallint NOT NULL,
    late_refund_percent smallint NOT NULL,
    announces_resets boolean NOT NULL,
    past_due_policy character varying(20) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    connection_id bigint,
    spreadsheet character varying(20) DEFAULT 'usual'::character varying NOT NULL,
    contact_email character varying(254) DEFAULT ''::character varying NOT NULL,
    confirms_free_bookings boolean DEFAULT false NOT NULL,
    opened_by_id bigint,
    requires_two_step boolean DEFAULT false NOT NULL,
    accepts_bank_debits boolean DEFAULT false NOT NULL,
    longest_pause_days smallint DEFAULT 90 NOT NULL,
    members_pause boolean DEFAULT false NOT NULL,
    pause_access character varying(20) DEFAULT 'period_end'::character varying NOT NULL,
    leader_word character varying(20) DEFAULT 'leader'::character varying NOT NULL,
    returns_absent_uses boolean DEFAULT false NOT NULL,
    offer_minutes smallint DEFAULT 120 NOT NULL,
    waiting_list character varying(20) DEFAULT 'in_order'::character varying NOT NULL,
    accent character varying(20) DEFAULT 'teal'::character varying NOT NULL,
    logo uuid,
    words_letters boolean DEFAULT false NOT NULL,
    CONSTRAINT account_accent_known CHECK (((accent)::text ~ '^(teal|blue|violet|pink|red|orange|green|slate|#[0-9a-f]{6})$'::text)),
    CONSTRAINT account_hold_bearable CHECK (((hold_minutes >= 5) AND (hold_minutes <= 120))),
    CONSTRAINT account_leader_word_known CHECK (((leader_word)::text = ANY ((ARRAY['leader'::character varying, 'teacher'::character varying])::text[]))),
    CONSTRAINT account_offer_bearable CHECK (((offer_minutes >= 15) AND (offer_minutes <= 10080))),
    CONSTRAINT account_past_due_policy_known CHECK (((past_due_policy)::text = ANY ((ARRAY['keep'::character varying, 'stop'::character varying])::text[]))),
    CONSTRAINT account_pause_access_known CHECK (((pause_access)::text = ANY ((ARRAY['period_end'::character varying, 'start'::character varying])::text[]))),
    CONSTRAINT account_pause_bearable CHECK (((longest_pause_days >= 1) AND (longest_pause_days <= 366))),
    CONSTRAINT account_plan_known CHECK (((plan)::text = ANY ((ARRAY['free'::character varying, 'standard'::character varying, 'plus'::character varying])::text[]))),
    CONSTRAINT account_refunds_fit CHECK (((late_refund_percent <= 100) AND (refund_percent <= 100))),
    CONSTRAINT account_spreadsheet_known CHECK (((spreadsheet)::text = ANY ((ARRAY['usual'::character varying, 'comma'::character varying, 'semicolon'::character varying, 'semicolon_point'::character varying])::text[]))),
    CONSTRAINT account_text CHECK ((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text))),
    CONSTRAINT account_waiting_list_known CHECK (((waiting_list)::text = ANY ((ARRAY['in_order'::character varying, 'all_at_once'::character varying, 'off'::character varying])::text[]))),
    CONSTRAINT accounts_account_cancellation_cutoff_minutes_check CHECK ((cancellation_cutoff_minutes >= 0)),
    CONSTRAINT accounts_account_hold_minutes_check CHECK ((hold_minutes >= 0)),
    CONSTRAINT accounts_account_late_refund_percent_check CHECK ((late_refund_percent >= 0)),
    CONSTRAINT accounts_account_longest_pause_days_check CHECK ((longest_pause_days >= 0)),
    CONSTRAINT accounts_account_offer_minutes_check CHECK ((offer_minutes >= 0)),
    CONSTRAINT accounts_account_refund_percent_check CHECK ((refund_percent >= 0))
);
ALTER TABLE public.accounts_account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_auditentry (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_name character varying(254) NOT NULL,
    action character varying(40) NOT NULL,
    seen_by character varying(10) NOT NULL,
    kind character varying(20) NOT NULL,
    object_id bigint NOT NULL,
    label character varying(200) NOT NULL,
    beside character varying(200) NOT NULL,
    changes jsonb NOT NULL,
    account_id bigint NOT NULL,
    actor_id bigint,
    CONSTRAINT audit_text CHECK (((NOT ((actor_name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((label)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((beside)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text))))
);
ALTER TABLE public.accounts_auditentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_auditentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_auditobject (
    id bigint NOT NULL,
    kind character varying(20) NOT NULL,
    object_id bigint NOT NULL,
    account_id bigint NOT NULL,
    entry_id bigint NOT NULL
);
ALTER TABLE public.accounts_auditobject ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_auditobject_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_customer (
    id bigint NOT NULL,
    email character varying(254),
    name character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    user_id bigint,
    name_confirmed boolean DEFAULT true NOT NULL,
    seen_at timestamp with time zone,
    phone character varying(20) DEFAULT ''::character varying NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    news_since timestamp with time zone,
    news_source character varying(10) DEFAULT ''::character varying NOT NULL,
    news_ended_at timestamp with time zone,
    other_addresses text DEFAULT ''::text NOT NULL,
    invited_at timestamp with time zone,
    erased_at timestamp with time zone,
    contact_id bigint,
    contact_email character varying(254) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT customer_contact_or_address CHECK ((((contact_id IS NULL) AND ((contact_email)::text = ''::text) AND (email IS NOT NULL)) OR ((contact_id IS NOT NULL) AND (email IS NULL) AND (user_id IS NULL) AND (NOT ((contact_id = id) AND (contact_id IS NOT NULL))) AND (NOT ((contact_email)::text = ''::text)) AND (NOT ((name)::text = ''::text))))),
    CONSTRAINT customer_email_lower CHECK (((email)::text = lower((email)::text))),
    CONSTRAINT customer_email_plain CHECK (((email)::text ~ '^[!-~]+$'::text)),
    CONSTRAINT customer_erased_is_nobody CHECK (((erased_at IS NULL) OR (((email)::text ~~ '%@erased.invalid'::text) AND (note = ''::text) AND ((phone)::text = ''::text) AND (seen_at IS NULL) AND (user_id IS NULL) AND (news_ended_at IS NULL) AND (news_since IS NULL)))),
    CONSTRAINT customer_news_told CHECK ((((news_since IS NULL) AND ((news_source)::text = ''::text)) OR ((news_ended_at IS NULL) AND (news_since IS NOT NULL) AND ((news_source)::text = ANY ((ARRAY['person'::character varying, 'studio'::character varying, 'import'::character varying])::text[]))))),
    CONSTRAINT customer_note_bounded CHECK ((length(note) <= 2000)),
    CONSTRAINT customer_phone_plain CHECK (((phone)::text ~ '^(\+[1-9][0-9]{5,14})?$'::text)),
    CONSTRAINT customer_text CHECK ((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))
);
ALTER TABLE public.accounts_customer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_customer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_customeraddress (
    id bigint NOT NULL,
    email character varying(254) NOT NULL,
    proved_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    CONSTRAINT customer_address_lower CHECK (((email)::text = lower((email)::text))),
    CONSTRAINT customer_address_plain CHECK (((email)::text ~ '^[!-~]+$'::text))
);
ALTER TABLE public.accounts_customeraddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_customeraddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_emailblock (
    id bigint NOT NULL,
    email character varying(254) NOT NULL,
    reason character varying(20) NOT NULL,
    detail text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT email_block_email_lower CHECK (((email)::text = lower((email)::text))),
    CONSTRAINT email_block_reason_known CHECK (((reason)::text = ANY ((ARRAY['bounced'::character varying, 'complained'::character varying, 'unsubscribed'::character varying])::text[])))
);
ALTER TABLE public.accounts_emailblock ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_emailblock_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_erasure (
    id bigint NOT NULL,
    customer_number bigint NOT NULL,
    customer_made_at timestamp with time zone NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    is_kept boolean DEFAULT false NOT NULL,
    account_id bigint NOT NULL,
    left_id bigint
);
ALTER TABLE public.accounts_erasure ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_erasure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_exportfile (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    asked jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    forgotten_at timestamp with time zone,
    account_id bigint NOT NULL,
    operation_id bigint NOT NULL
);
ALTER TABLE public.accounts_exportfile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_exportfile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_exportpart (
    id bigint NOT NULL,
    number integer NOT NULL,
    data bytea NOT NULL,
    size integer NOT NULL,
    account_id bigint NOT NULL,
    export_file_id bigint NOT NULL,
    records bytea,
    CONSTRAINT accounts_exportpart_number_check CHECK ((number >= 0)),
    CONSTRAINT accounts_exportpart_size_check CHECK ((size >= 0))
);
ALTER TABLE public.accounts_exportpart ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_exportpart_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_formerstripecustomer (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    account_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    customer_id bigint NOT NULL
);
ALTER TABLE public.accounts_formerstripecustomer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_formerstripecustomer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_letter (
    id bigint NOT NULL,
    kind character varying(40) NOT NULL,
    dedupe character varying(120),
    recipient character varying(254) NOT NULL,
    reply_to character varying(254) NOT NULL,
    subject character varying(250) NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    calendar text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts smallint NOT NULL,
    sent_at timestamp with time zone,
    failed_at timestamp with time zone,
    error text NOT NULL,
    account_id bigint,
    bounced_at timestamp with time zone,
    delivered_at timestamp with time zone,
    fault character varying(20) DEFAULT ''::character varying NOT NULL,
    fault_since timestamp with time zone,
    held_until timestamp with time zone,
    is_metered boolean DEFAULT false NOT NULL,
    message_id character varying(255) DEFAULT ''::character varying NOT NULL,
    metered_on date,
    facts jsonb,
    mailing_id bigint,
    expires_at timestamp with time zone,
    CONSTRAINT accounts_letter_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT letter_fault_known CHECK ((((fault)::text = ''::text) OR ((fault)::text = ANY ((ARRAY['server'::character varying, 'letter'::character varying, 'mailbox'::character varying, 'address'::character varying, 'unwanted'::character varying, 'expired'::character varying])::text[]))))
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_analyze_scale_factor='0.01', autovacuum_vacuum_threshold='1000', autovacuum_analyze_threshold='1000');
ALTER TABLE public.accounts_letter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_letter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_letterquota (
    id bigint NOT NULL,
    day date NOT NULL,
    used integer NOT NULL,
    allowance integer NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT accounts_letterquota_allowance_check CHECK ((allowance >= 0)),
    CONSTRAINT accounts_letterquota_used_check CHECK ((used >= 0)),
    CONSTRAINT letter_quota_holds CHECK ((used <= allowance))
);
ALTER TABLE public.accounts_letterquota ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_letterquota_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_letterwording (
    id bigint NOT NULL,
    kind character varying(40) NOT NULL,
    subject character varying(150) NOT NULL,
    opening text NOT NULL,
    closing text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    changed_by_id bigint,
    CONSTRAINT letter_wording_says_something CHECK ((NOT ((closing = ''::text) AND (opening = ''::text) AND ((subject)::text = ''::text)))),
    CONSTRAINT letter_wording_text CHECK (((NOT ((subject)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(closing) <= 1000) AND (length(opening) <= 1000)))
);
ALTER TABLE public.accounts_letterwording ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_letterwording_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_listfile (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    data bytea NOT NULL,
    size integer NOT NULL,
    account_id bigint NOT NULL,
    list_import_id bigint NOT NULL,
    CONSTRAINT accounts_listfile_size_check CHECK ((size >= 0))
);
ALTER TABLE public.accounts_listfile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_listfile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_listimport (
    id bigint NOT NULL,
    source character varying(40) NOT NULL,
    found jsonb NOT NULL,
    mapping jsonb NOT NULL,
    made jsonb NOT NULL,
    counts jsonb NOT NULL,
    forgotten_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    operation_id bigint NOT NULL
);
ALTER TABLE public.accounts_listimport ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_listimport_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_listimportrow (
    id bigint NOT NULL,
    number integer NOT NULL,
    key character varying(255) NOT NULL,
    raw jsonb NOT NULL,
    what character varying(255) NOT NULL,
    person character varying(254) NOT NULL,
    target character varying(300) NOT NULL,
    monthly numeric(16,4),
    currency character varying(3) NOT NULL,
    next_at timestamp with time zone,
    decided jsonb NOT NULL,
    chosen boolean,
    verdict character varying(20) NOT NULL,
    why character varying(40) NOT NULL,
    state character varying(20) NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    error text NOT NULL,
    account_id bigint NOT NULL,
    list_import_id bigint NOT NULL,
    CONSTRAINT accounts_listimportrow_number_check CHECK ((number >= 0)),
    CONSTRAINT import_row_state_known CHECK (((state)::text = ANY ((ARRAY['read'::character varying, 'applied'::character varying, 'failed'::character varying, 'undone'::character varying, 'kept'::character varying])::text[]))),
    CONSTRAINT import_row_verdict_known CHECK ((((verdict)::text = ''::text) OR ((verdict)::text = ANY ((ARRAY['new'::character varying, 'changed'::character varying, 'unchanged'::character varying, 'doubtful'::character varying, 'refused'::character varying])::text[]))))
);
ALTER TABLE public.accounts_listimportrow ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_listimportrow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_loginsession (
    id bigint NOT NULL,
    session_key character varying(40) NOT NULL,
    user_agent character varying(300) NOT NULL,
    address inet,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.accounts_loginsession ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_loginsession_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_logo (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.accounts_logo ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_logo_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_mailing (
    id bigint NOT NULL,
    key uuid NOT NULL,
    kind character varying(10) NOT NULL,
    state character varying(10) NOT NULL,
    subject character varying(150) NOT NULL,
    text text NOT NULL,
    audience character varying(20) NOT NULL,
    asked jsonb NOT NULL,
    audience_name character varying(300) DEFAULT ''::character varying NOT NULL,
    who character varying(254) NOT NULL,
    send_at timestamp with time zone,
    began_at timestamp with time zone,
    gathered_at timestamp with time zone,
    ended_at timestamp with time zone,
    said jsonb DEFAULT '{}'::jsonb NOT NULL,
    gets integer DEFAULT 0 NOT NULL,
    left_out integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    made_by_id bigint,
    operation_id bigint,
    CONSTRAINT accounts_mailing_gets_check CHECK ((gets >= 0)),
    CONSTRAINT accounts_mailing_left_out_check CHECK ((left_out >= 0)),
    CONSTRAINT mailing_begins_with_its_state CHECK ((((began_at IS NULL) AND ((state)::text = ANY ((ARRAY['draft'::character varying, 'scheduled'::character varying])::text[]))) OR ((NOT ((state)::text = ANY ((ARRAY['draft'::character varying, 'scheduled'::character varying])::text[]))) AND (began_at IS NOT NULL)))),
    CONSTRAINT mailing_kind_known CHECK (((kind)::text = ANY ((ARRAY['service'::character varying, 'news'::character varying])::text[]))),
    CONSTRAINT mailing_scheduled_for CHECK (((NOT ((state)::text = 'scheduled'::text)) OR (send_at IS NOT NULL))),
    CONSTRAINT mailing_state_known CHECK (((state)::text = ANY ((ARRAY['draft'::character varying, 'scheduled'::character varying, 'sending'::character varying, 'stopped'::character varying, 'sent'::character varying])::text[]))),
    CONSTRAINT mailing_text CHECK (((NOT ((subject)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((audience_name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((who)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(text) <= 10000)))
);
ALTER TABLE public.accounts_mailing ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_mailing_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_mailingrecipient (
    id bigint NOT NULL,
    email character varying(254) NOT NULL,
    state character varying(10) NOT NULL,
    reason character varying(20) DEFAULT ''::character varying NOT NULL,
    is_known boolean DEFAULT false NOT NULL,
    account_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    mailing_id bigint NOT NULL,
    CONSTRAINT mailing_recipient_reason CHECK (((((reason)::text = ANY ((ARRAY['erased'::character varying, 'no_consent'::character varying, 'unsubscribed'::character varying, 'bounced'::character varying, 'complained'::character varying, 'same_address'::character varying])::text[])) AND ((state)::text = 'left_out'::text)) OR (((reason)::text = ''::text) AND ((state)::text = ANY ((ARRAY['pending'::character varying, 'written'::character varying])::text[])))))
);
ALTER TABLE public.accounts_mailingrecipient ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_mailingrecipient_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_mailoutage (
    id smallint NOT NULL,
    since timestamp with time zone NOT NULL,
    error text NOT NULL,
    attempts smallint NOT NULL,
    retry_at timestamp with time zone NOT NULL,
    probe bigint,
    CONSTRAINT accounts_mailoutage_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT accounts_mailoutage_id_check CHECK ((id >= 0)),
    CONSTRAINT mail_outage_once CHECK ((id = 1))
);
CREATE TABLE public.accounts_mergedcustomer (
    id bigint NOT NULL,
    former bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    customer_id bigint NOT NULL
);
ALTER TABLE public.accounts_mergedcustomer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_mergedcustomer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_operation (
    id bigint NOT NULL,
    kind character varying(40) NOT NULL,
    key uuid NOT NULL,
    lane character varying(40) NOT NULL,
    who character varying(254) NOT NULL,
    state character varying(20) NOT NULL,
    phase character varying(40) NOT NULL,
    cursor jsonb NOT NULL,
    done integer NOT NULL,
    total integer,
    claims integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts smallint NOT NULL,
    error text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    account_id bigint NOT NULL,
    began_by_id bigint,
    CONSTRAINT accounts_operation_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT accounts_operation_claims_check CHECK ((claims >= 0)),
    CONSTRAINT accounts_operation_done_check CHECK ((done >= 0)),
    CONSTRAINT accounts_operation_total_check CHECK ((total >= 0)),
    CONSTRAINT operation_ends_with_its_state CHECK ((((ended_at IS NULL) AND ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'waiting'::character varying])::text[]))) OR ((NOT ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'waiting'::character varying])::text[]))) AND (ended_at IS NOT NULL)))),
    CONSTRAINT operation_state_known CHECK (((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'waiting'::character varying, 'done'::character varying, 'failed'::character varying, 'cancelled'::character varying])::text[])))
);
ALTER TABLE public.accounts_operation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_operation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_reminderstop (
    id bigint NOT NULL,
    email character varying(254) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT reminder_stop_email_lower CHECK (((email)::text = lower((email)::text)))
);
ALTER TABLE public.accounts_reminderstop ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_reminderstop_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_retention (
    account_id bigint NOT NULL,
    emails_days smallint,
    lists_days smallint,
    files_days smallint,
    history_days smallint,
    waiting_days smallint,
    customers_years smallint,
    walked_at timestamp with time zone,
    walked_id bigint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    customers_by_id bigint,
    CONSTRAINT accounts_retention_customers_years_check CHECK ((customers_years >= 0)),
    CONSTRAINT accounts_retention_emails_days_check CHECK ((emails_days >= 0)),
    CONSTRAINT accounts_retention_files_days_check CHECK ((files_days >= 0)),
    CONSTRAINT accounts_retention_history_days_check CHECK ((history_days >= 0)),
    CONSTRAINT accounts_retention_lists_days_check CHECK ((lists_days >= 0)),
    CONSTRAINT accounts_retention_waiting_days_check CHECK ((waiting_days >= 0)),
    CONSTRAINT retention_customers_years_bounded CHECK (((customers_years IS NULL) OR ((customers_years >= 2) AND (customers_years <= 10)))),
    CONSTRAINT retention_emails_days_bounded CHECK (((emails_days IS NULL) OR ((emails_days >= 30) AND (emails_days <= 3650)))),
    CONSTRAINT retention_files_days_bounded CHECK (((files_days IS NULL) OR ((files_days >= 1) AND (files_days <= 7)))),
    CONSTRAINT retention_history_days_bounded CHECK (((history_days IS NULL) OR ((history_days >= 365) AND (history_days <= 3650)))),
    CONSTRAINT retention_lists_days_bounded CHECK (((lists_days IS NULL) OR ((lists_days >= 7) AND (lists_days <= 30)))),
    CONSTRAINT retention_waiting_days_bounded CHECK (((waiting_days IS NULL) OR ((waiting_days >= 90) AND (waiting_days <= 3650))))
);
CREATE TABLE public.accounts_schedulepage (
    id bigint NOT NULL,
    slug character varying(60) NOT NULL,
    title character varying(200) NOT NULL,
    description text NOT NULL,
    accent character varying(20) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    pays_at_studio character varying(10) DEFAULT 'off'::character varying NOT NULL,
    reminder_hours smallint,
    CONSTRAINT accounts_schedulepage_reminder_hours_check CHECK ((reminder_hours >= 0)),
    CONSTRAINT page_accent_known CHECK (((accent)::text ~ '^(teal|blue|violet|pink|red|orange|green|slate|#[0-9a-f]{6})$'::text)),
    CONSTRAINT page_pays_at_studio_known CHECK (((pays_at_studio)::text = ANY ((ARRAY['off'::character varying, 'also'::character varying, 'only'::character varying])::text[]))),
    CONSTRAINT page_reminder_bearable CHECK (((reminder_hours IS NULL) OR ((reminder_hours >= 1) AND (reminder_hours <= 168)))),
    CONSTRAINT page_text CHECK (((NOT ((title)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(description) <= 10000)))
);
ALTER TABLE public.accounts_schedulepage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_schedulepage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_staff (
    id bigint NOT NULL,
    role character varying(20) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    user_id bigint NOT NULL,
    invited_email character varying(254) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT staff_role_known CHECK (((role)::text = ANY ((ARRAY['owner'::character varying, 'schedule_manager'::character varying, 'bookings_admin'::character varying, 'leader'::character varying])::text[])))
);
ALTER TABLE public.accounts_staff ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_staff_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_stripecustomer (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    account_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    email_due_at timestamp with time zone
);
ALTER TABLE public.accounts_stripecustomer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_stripecustomer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_user (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    email character varying(254) NOT NULL,
    name character varying(200) NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    CONSTRAINT user_email_lower CHECK (((email)::text = lower((email)::text))),
    CONSTRAINT user_email_plain CHECK (((email)::text ~ '^[!-~]+$'::text)),
    CONSTRAINT user_text CHECK ((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))
);
CREATE TABLE public.accounts_user_groups (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    group_id integer NOT NULL
);
ALTER TABLE public.accounts_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.accounts_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_user_user_permissions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.accounts_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.groups_group (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    description text NOT NULL,
    key uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    account_id bigint NOT NULL,
    CONSTRAINT group_text CHECK (((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(description) <= 2000)))
);
ALTER TABLE public.groups_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.groups_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.groups_invitationlink (
    id bigint NOT NULL,
    token character varying(43) NOT NULL,
    key uuid NOT NULL,
    needs_approval boolean NOT NULL,
    ends_at timestamp with time zone,
    most integer,
    joined integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    stopped_at timestamp with time zone,
    account_id bigint NOT NULL,
    group_id bigint NOT NULL,
    CONSTRAINT groups_invitationlink_joined_check CHECK ((joined >= 0)),
    CONSTRAINT groups_invitationlink_most_check CHECK ((most >= 0)),
    CONSTRAINT invitation_link_limit_holds CHECK (((most IS NULL) OR ((joined <= most) AND (most >= 1))))
);
ALTER TABLE public.groups_invitationlink ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.groups_invitationlink_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.groups_joinrequest (
    id bigint NOT NULL,
    state character varying(10) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    account_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    group_id bigint NOT NULL,
    link_id bigint NOT NULL,
    CONSTRAINT join_request_decided CHECK ((((decided_at IS NULL) AND ((state)::text = 'waiting'::text)) OR ((decided_at IS NOT NULL) AND ((state)::text = ANY ((ARRAY['joined'::character varying, 'declined'::character varying])::text[])))))
);
ALTER TABLE public.groups_joinrequest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.groups_joinrequest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.groups_member (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    group_id bigint NOT NULL,
    stands_until timestamp with time zone,
    seen_at timestamp with time zone
);
ALTER TABLE public.groups_member ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.groups_member_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.groups_memberchange (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    key uuid NOT NULL,
    anchor date,
    until timestamp with time zone,
    cancels boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    listed integer NOT NULL,
    done integer NOT NULL,
    changed integer NOT NULL,
    put_back integer NOT NULL,
    left_alone integer NOT NULL,
    account_id bigint NOT NULL,
    group_id bigint NOT NULL,
    operation_id bigint,
    target_id bigint,
    CONSTRAINT groups_memberchange_changed_check CHECK ((changed >= 0)),
    CONSTRAINT groups_memberchange_done_check CHECK ((done >= 0)),
    CONSTRAINT groups_memberchange_left_alone_check CHECK ((left_alone >= 0)),
    CONSTRAINT groups_memberchange_listed_check CHECK ((listed >= 0)),
    CONSTRAINT groups_memberchange_put_back_check CHECK ((put_back >= 0)),
    CONSTRAINT member_change_fits_kind CHECK (((((kind)::text = 'remove'::text) AND (anchor IS NULL) AND (target_id IS NULL) AND (until IS NULL)) OR (((kind)::text = 'start'::text) AND (NOT cancels) AND (NOT (anchor IS NULL)) AND (target_id IS NULL) AND (until IS NULL)) OR (((kind)::text = 'add'::text) AND (NOT cancels) AND (anchor IS NULL) AND (NOT (target_id IS NULL)) AND (until IS NULL)) OR (((kind)::text = 'end'::text) AND (NOT cancels) AND (anchor IS NULL) AND (target_id IS NULL)) OR (((kind)::text = 'invite'::text) AND (NOT cancels) AND (anchor IS NULL) AND (target_id IS NULL) AND (until IS NULL))))
);
ALTER TABLE public.groups_memberchange ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.groups_memberchange_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.groups_memberchangerow (
    id bigint NOT NULL,
    done_at timestamp with time zone,
    until_before timestamp with time zone,
    anchor_before date,
    undone_at timestamp with time zone,
    account_id bigint NOT NULL,
    change_id bigint NOT NULL,
    member_id bigint NOT NULL,
    standing_id bigint
);
ALTER TABLE public.groups_memberchangerow ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.groups_memberchangerow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.groups_pastedlist (
    id bigint NOT NULL,
    tell boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    forgotten_at timestamp with time zone,
    account_id bigint NOT NULL,
    group_id bigint NOT NULL,
    operation_id bigint NOT NULL,
    until timestamp with time zone
);
ALTER TABLE public.groups_pastedlist ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.groups_pastedlist_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.groups_pastedpart (
    id bigint NOT NULL,
    number integer NOT NULL,
    text text NOT NULL,
    rows integer NOT NULL,
    new integer NOT NULL,
    already integer NOT NULL,
    repeated integer NOT NULL,
    left_over jsonb NOT NULL,
    done_at timestamp with time zone,
    account_id bigint NOT NULL,
    pasted_list_id bigint NOT NULL,
    CONSTRAINT groups_pastedpart_already_check CHECK ((already >= 0)),
    CONSTRAINT groups_pastedpart_new_check CHECK ((new >= 0)),
    CONSTRAINT groups_pastedpart_number_check CHECK ((number >= 0)),
    CONSTRAINT groups_pastedpart_repeated_check CHECK ((repeated >= 0)),
    CONSTRAINT groups_pastedpart_rows_check CHECK ((rows >= 0))
);
ALTER TABLE public.groups_pastedpart ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.groups_pastedpart_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.groups_standing (
    id bigint NOT NULL,
    source character varying(20) NOT NULL,
    ground uuid NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone,
    anchor date NOT NULL,
    uses_reset_on date,
    account_id bigint NOT NULL,
    member_id bigint NOT NULL,
    anchor_at timestamp with time zone,
    end_told_at timestamp with time zone,
    CONSTRAINT standing_billed_by_membership CHECK (((anchor_at IS NULL) OR ((source)::text = 'membership'::text))),
    CONSTRAINT standing_ends_after_since CHECK (((until IS NULL) OR (until >= since))),
    CONSTRAINT standing_ground_fits_source CHECK ((((ground = '00000000-0000-0000-0000-000000000000'::uuid) AND ((source)::text = 'manual'::text)) OR (((source)::text = 'membership'::text) AND (NOT (ground = '00000000-0000-0000-0000-000000000000'::uuid)))))
);
ALTER TABLE public.groups_standing ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.groups_standing_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.installation_backup (
    id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    kind character varying(20) NOT NULL,
    place character varying(1000) NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    CONSTRAINT installation_backup_size_check CHECK ((size >= 0))
);
ALTER TABLE public.installation_backup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.installation_backup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.installation_heartbeat (
    name character varying(100) NOT NULL,
    beaten_at timestamp with time zone NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    error character varying(1000) DEFAULT ''::character varying NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    failures smallint DEFAULT 0 NOT NULL,
    "left" boolean DEFAULT false NOT NULL,
    started_at timestamp with time zone,
    succeeded_at timestamp with time zone,
    CONSTRAINT installation_heartbeat_done_check CHECK ((done >= 0)),
    CONSTRAINT installation_heartbeat_failed_check CHECK ((failed >= 0)),
    CONSTRAINT installation_heartbeat_failures_check CHECK ((failures >= 0))
);
CREATE TABLE public.installation_installation (
    id smallint NOT NULL,
    uuid uuid NOT NULL,
    site_url character varying(255) DEFAULT ''::character varying NOT NULL,
    adopted_at timestamp with time zone,
    CONSTRAINT installation_installation_id_check CHECK ((id >= 0)),
    CONSTRAINT installation_only_one CHECK ((id = 1))
);
CREATE TABLE public.installation_setaside (
    id bigint NOT NULL,
    job character varying(100) NOT NULL,
    item character varying(255) NOT NULL,
    failures smallint NOT NULL,
    since timestamp with time zone NOT NULL,
    retry_at timestamp with time zone NOT NULL,
    error character varying(1000) NOT NULL,
    CONSTRAINT installation_setaside_failures_check CHECK ((failures >= 0))
);
ALTER TABLE public.installation_setaside ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.installation_setaside_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.memberships_difference (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    field character varying(40) NOT NULL,
    ours character varying(255) NOT NULL,
    stripes character varying(255) NOT NULL,
    found_at timestamp with time zone NOT NULL,
    repaired_at timestamp with time zone,
    account_id bigint NOT NULL,
    subscription_id bigint
);
ALTER TABLE public.memberships_difference ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.memberships_difference_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.memberships_invoice (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    number character varying(100) NOT NULL,
    status character varying(20) NOT NULL,
    amount_due integer NOT NULL,
    amount_paid integer NOT NULL,
    currency character varying(3) NOT NULL,
    hosted_url text NOT NULL,
    pdf_url text NOT NULL,
    attempt_count integer NOT NULL,
    next_attempt_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    subscription_id bigint NOT NULL,
    due_at timestamp with time zone,
    settlement character varying(20) DEFAULT ''::character varying NOT NULL,
    compared_at timestamp with time zone,
    paid_at timestamp with time zone,
    CONSTRAINT memberships_invoice_attempt_count_check CHECK ((attempt_count >= 0))
);
ALTER TABLE public.memberships_invoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.memberships_invoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.memberships_leftout (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    is_due boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    list_import_id bigint
);
ALTER TABLE public.memberships_leftout ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.memberships_leftout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.memberships_membership (
    id bigint NOT NULL,
    title character varying(200) NOT NULL,
    description text NOT NULL,
    published boolean NOT NULL,
    product character varying(255) NOT NULL,
    key uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    group_id bigint NOT NULL,
    CONSTRAINT membership_text CHECK (((NOT ((title)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(description) <= 10000)))
);
ALTER TABLE public.memberships_membership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.memberships_membership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.memberships_membership_pages (
    id bigint NOT NULL,
    membership_id bigint NOT NULL,
    schedulepage_id bigint NOT NULL
);
ALTER TABLE public.memberships_membership_pages ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.memberships_membership_pages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.memberships_milestone (
    id bigint NOT NULL,
    kind character varying(20) NOT NULL,
    who character varying(254) NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    account_id bigint NOT NULL,
    subscription_id bigint NOT NULL,
    about character varying(450) DEFAULT ''::character varying NOT NULL
);
ALTER TABLE public.memberships_milestone ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.memberships_milestone_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.memberships_price (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    title character varying(100) NOT NULL,
    amount integer NOT NULL,
    currency character varying(3) NOT NULL,
    "interval" character varying(10) NOT NULL,
    interval_count smallint NOT NULL,
    trial_days smallint NOT NULL,
    published boolean NOT NULL,
    archived_at timestamp with time zone,
    stripe_id character varying(255) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    membership_id bigint NOT NULL,
    amount_known boolean DEFAULT true NOT NULL,
    CONSTRAINT memberships_price_amount_check CHECK ((amount >= 0)),
    CONSTRAINT memberships_price_interval_count_check CHECK ((interval_count >= 0)),
    CONSTRAINT memberships_price_trial_days_check CHECK ((trial_days >= 0)),
    CONSTRAINT price_interval_known CHECK (((("interval")::text = ANY ((ARRAY['day'::character varying, 'week'::character varying, 'month'::character varying, 'year'::character varying])::text[])) AND (interval_count >= 1))),
    CONSTRAINT price_text CHECK ((NOT ((title)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))
);
ALTER TABLE public.memberships_price ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.memberships_price_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.memberships_subscription (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    source character varying(20) NOT NULL,
    status character varying(20) NOT NULL,
    session character varying(255) NOT NULL,
    stripe_id character varying(255) NOT NULL,
    revision integer NOT NULL,
    started_at timestamp with time zone,
    period_start timestamp with time zone,
    period_end timestamp with time zone,
    trial_end timestamp with time zone,
    billing_anchor timestamp with time zone,
    ends_at timestamp with time zone,
    ended_at timestamp with time zone,
    cancel_reason character varying(40) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    synced_at timestamp with time zone,
    account_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    membership_id bigint NOT NULL,
    page_id bigint,
    price_id bigint NOT NULL,
    changes_at timestamp with time zone,
    collection_method character varying(40) DEFAULT ''::character varying NOT NULL,
    next_amount integer,
    next_payment_at timestamp with time zone,
    next_price character varying(255) DEFAULT ''::character varying NOT NULL,
    pause_behavior character varying(40) DEFAULT ''::character varying NOT NULL,
    paused_at timestamp with time zone,
    quantity integer DEFAULT 1 NOT NULL,
    resumes_at timestamp with time zone,
    schedule character varying(255) DEFAULT ''::character varying NOT NULL,
    cost_basis character varying(10) DEFAULT ''::character varying NOT NULL,
    currency character varying(3) DEFAULT ''::character varying NOT NULL,
    period_amount integer,
    never_paid_at timestamp with time zone,
    payment_on_way_since timestamp with time zone,
    let_in_at timestamp with time zone,
    paid_until timestamp with time zone,
    cancels_at_price character varying(255) DEFAULT ''::character varying NOT NULL,
    pending_price character varying(255) DEFAULT ''::character varying NOT NULL,
    pending_until timestamp with time zone,
    compared_at timestamp with time zone,
    CONSTRAINT memberships_subscription_quantity_check CHECK ((quantity >= 0)),
    CONSTRAINT memberships_subscription_revision_check CHECK ((revision >= 0)),
    CONSTRAINT subscription_known_to_stripe CHECK (((((status)::text = ANY ((ARRAY['pending'::character varying, 'abandoned'::character varying])::text[])) AND ((stripe_id)::text = ''::text)) OR ((NOT ((status)::text = ANY ((ARRAY['pending'::character varying, 'abandoned'::character varying])::text[]))) AND (NOT ((stripe_id)::text = ''::text))))),
    CONSTRAINT subscription_status_known CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'abandoned'::character varying, 'incomplete'::character varying, 'incomplete_expired'::character varying, 'trialing'::character varying, 'active'::character varying, 'past_due'::character varying, 'unpaid'::character varying, 'canceled'::character varying, 'paused'::character varying])::text[])))
);
ALTER TABLE public.memberships_subscription ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.memberships_subscription_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);
ALTER TABLE public.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.offers_extrauses (
    id bigint NOT NULL,
    count smallint NOT NULL,
    "on" date NOT NULL,
    reason character varying(200) NOT NULL,
    by_name character varying(254) NOT NULL,
    key uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    account_id bigint NOT NULL,
    member_id bigint NOT NULL,
    period_id bigint,
    CONSTRAINT extra_uses_counted CHECK ((((ended_at IS NOT NULL) AND (period_id IS NULL)) OR ((ended_at IS NULL) AND (period_id IS NOT NULL)))),
    CONSTRAINT extra_uses_some CHECK ((count >= 1)),
    CONSTRAINT extra_uses_text CHECK (((NOT ((reason)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((by_name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))),
    CONSTRAINT offers_extrauses_count_check CHECK ((count >= 0))
);
ALTER TABLE public.offers_extrauses ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.offers_extrauses_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.offers_offer (
    id bigint NOT NULL,
    kind character varying(20) NOT NULL,
    percent smallint,
    amount_off integer,
    enabled boolean NOT NULL,
    audience character varying(20) NOT NULL,
    additional_attendees smallint NOT NULL,
    "limit" integer,
    ongoing boolean NOT NULL,
    period_count smallint NOT NULL,
    period_unit character varying(10) NOT NULL,
    key uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    account_id bigint NOT NULL,
    group_id bigint NOT NULL,
    replaces_id bigint,
    carrying boolean DEFAULT false NOT NULL,
    name character varying(60) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT offer_audience_fits_attendees CHECK ((((additional_attendees = 0) AND ((audience)::text = 'personal'::text)) OR ((additional_attendees >= 1) AND ((audience)::text = 'additional'::text)))),
    CONSTRAINT offer_kind_fits_discount CHECK ((((amount_off IS NULL) AND ((kind)::text = 'exclusive'::text) AND (percent IS NULL)) OR ((amount_off IS NULL) AND ((kind)::text = 'discount'::text) AND ((percent >= 1) AND (percent <= 100))) OR ((amount_off >= 1) AND ((kind)::text = 'discount'::text) AND (percent IS NULL)))),
    CONSTRAINT offer_limit_positive CHECK ((("limit" IS NULL) OR ("limit" >= 1))),
    CONSTRAINT offer_period_positive CHECK (((period_count >= 1) AND ((period_unit)::text = ANY ((ARRAY['day'::character varying, 'week'::character varying, 'month'::character varying, 'year'::character varying])::text[])))),
    CONSTRAINT offer_text CHECK ((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text))),
    CONSTRAINT offers_offer_additional_attendees_check CHECK ((additional_attendees >= 0)),
    CONSTRAINT offers_offer_amount_off_check CHECK ((amount_off >= 0)),
    CONSTRAINT offers_offer_limit_check CHECK (("limit" >= 0)),
    CONSTRAINT offers_offer_percent_check CHECK ((percent >= 0)),
    CONSTRAINT offers_offer_period_count_check CHECK ((period_count >= 0))
);
ALTER TABLE public.offers_offer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.offers_offer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.offers_offeruse (
    id bigint NOT NULL,
    seat uuid NOT NULL,
    kind character varying(20) NOT NULL,
    event_on date NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    why character varying(20) NOT NULL,
    account_id bigint NOT NULL,
    period_id bigint NOT NULL
);
ALTER TABLE public.offers_offeruse ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.offers_offeruse_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.offers_usageperiod (
    id bigint NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    ceiling integer,
    used integer NOT NULL,
    closed_at timestamp with time zone,
    left_unused integer,
    account_id bigint NOT NULL,
    member_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    extra integer DEFAULT 0 NOT NULL,
    CONSTRAINT offers_usageperiod_ceiling_check CHECK ((ceiling >= 0)),
    CONSTRAINT offers_usageperiod_extra_check CHECK ((extra >= 0)),
    CONSTRAINT offers_usageperiod_left_unused_check CHECK ((left_unused >= 0)),
    CONSTRAINT offers_usageperiod_used_check CHECK ((used >= 0)),
    CONSTRAINT period_within_ceiling CHECK (((used >= 0) AND ((ceiling IS NULL) OR (used <= ceiling))))
);
ALTER TABLE public.offers_usageperiod ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.offers_usageperiod_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.payments_comparison (
    connection_id bigint NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    is_open boolean NOT NULL,
    cursors jsonb NOT NULL,
    trouble text NOT NULL,
    claims integer NOT NULL,
    free_at timestamp with time zone NOT NULL,
    CONSTRAINT payments_comparison_claims_check CHECK ((claims >= 0))
);
CREATE TABLE public.payments_connection (
    id bigint NOT NULL,
    endpoint uuid NOT NULL,
    encrypted_key text NOT NULL,
    key_hint character varying(40) NOT NULL,
    livemode boolean NOT NULL,
    stripe_account character varying(255) NOT NULL,
    name character varying(200) NOT NULL,
    currency character varying(3) NOT NULL,
    webhook_endpoint character varying(255) NOT NULL,
    webhook_events jsonb NOT NULL,
    portal_configuration character varying(255) NOT NULL,
    connected_at timestamp with time zone NOT NULL,
    disconnected_at timestamp with time zone,
    checked_at timestamp with time zone,
    trouble text NOT NULL,
    heard_at timestamp with time zone,
    cursor bigint NOT NULL,
    caught_up_at timestamp with time zone,
    reconciled_at timestamp with time zone,
    CONSTRAINT connection_has_key CHECK (((disconnected_at IS NOT NULL) OR (NOT (encrypted_key = ''::text))))
);
ALTER TABLE public.payments_connection ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_connection_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.payments_endpointsecret (
    id bigint NOT NULL,
    encrypted_secret text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    retires_at timestamp with time zone,
    connection_id bigint NOT NULL
);
ALTER TABLE public.payments_endpointsecret ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_endpointsecret_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.payments_erasedatstripe (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    added_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    connection_id bigint NOT NULL
);
ALTER TABLE public.payments_erasedatstripe ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_erasedatstripe_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.payments_failedcall (
    id bigint NOT NULL,
    wish character varying(64) NOT NULL,
    attempts integer NOT NULL,
    failed_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    CONSTRAINT payments_failedcall_attempts_check CHECK ((attempts >= 0))
);
ALTER TABLE public.payments_failedcall ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_failedcall_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.payments_stripeevent (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    type character varying(100) NOT NULL,
    subject character varying(255) NOT NULL,
    api_version character varying(40) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    payload jsonb NOT NULL,
    source character varying(20) NOT NULL,
    state character varying(20) NOT NULL,
    attempts smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    error text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    handled_at timestamp with time zone,
    connection_id bigint NOT NULL,
    CONSTRAINT event_state_known CHECK (((state)::text = ANY ((ARRAY['received'::character varying, 'done'::character varying, 'ignored'::character varying, 'dead'::character varying])::text[]))),
    CONSTRAINT payments_stripeevent_attempts_check CHECK ((attempts >= 0))
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_analyze_scale_factor='0.01', autovacuum_vacuum_threshold='1000', autovacuum_analyze_threshold='1000');
ALTER TABLE public.payments_stripeevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payments_stripeevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_attendance (
    seat_id bigint NOT NULL,
    presence character varying(10) NOT NULL,
    marked_at timestamp with time zone NOT NULL,
    revision integer NOT NULL,
    returned_use boolean NOT NULL,
    account_id bigint NOT NULL,
    marked_by_id bigint,
    CONSTRAINT attendance_known CHECK (((presence)::text = ANY ((ARRAY[''::character varying, 'present'::character varying, 'absent'::character varying])::text[]))),
    CONSTRAINT tickets_attendance_revision_check CHECK ((revision >= 0))
);
CREATE TABLE public.tickets_booking (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    key uuid NOT NULL,
    channel character varying(20) NOT NULL,
    state character varying(10) NOT NULL,
    held_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    filled_by_id bigint,
    membership_price_id bigint,
    page_id bigint NOT NULL,
    purchase_id bigint,
    booker_name character varying(200) DEFAULT ''::character varying NOT NULL,
    held_from character varying(64) DEFAULT ''::character varying NOT NULL,
    hold_limit timestamp with time zone,
    moves integer DEFAULT 0 NOT NULL,
    from_waiting_list boolean DEFAULT false NOT NULL,
    booker_email character varying(254) DEFAULT ''::character varying NOT NULL,
    discount_code_id bigint,
    CONSTRAINT booking_held_until CHECK ((((held_until IS NOT NULL) AND ((state)::text = ANY ((ARRAY['basket'::character varying, 'paying'::character varying])::text[]))) OR ((held_until IS NULL) AND ((state)::text = ANY ((ARRAY['booked'::character varying, 'joined'::character varying, 'released'::character varying])::text[]))))),
    CONSTRAINT booking_hold_limited CHECK (((NOT ((state)::text = 'basket'::text)) OR (hold_limit IS NULL) OR (held_until <= hold_limit))),
    CONSTRAINT tickets_booking_moves_check CHECK ((moves >= 0))
);
ALTER TABLE public.tickets_booking ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_booking_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_codecoverage (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    page_id bigint,
    ticket_id bigint,
    code_id bigint NOT NULL,
    CONSTRAINT code_coverage_page_or_ticket CHECK ((((page_id IS NOT NULL) AND (ticket_id IS NULL)) OR ((page_id IS NULL) AND (ticket_id IS NOT NULL))))
);
ALTER TABLE public.tickets_codecoverage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_codecoverage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_codecustomer (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    used integer NOT NULL,
    allowed integer,
    customer_id bigint NOT NULL,
    code_id bigint NOT NULL,
    CONSTRAINT code_customer_within_limit CHECK (((used >= 0) AND ((allowed IS NULL) OR (allowed >= used)))),
    CONSTRAINT tickets_codecustomer_allowed_check CHECK ((allowed >= 0)),
    CONSTRAINT tickets_codecustomer_used_check CHECK ((used >= 0))
);
ALTER TABLE public.tickets_codecustomer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_codecustomer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_coderedemption (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    account_id bigint NOT NULL,
    booking_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    code_id bigint NOT NULL
);
ALTER TABLE public.tickets_coderedemption ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_coderedemption_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_codeuses (
    code_id bigint NOT NULL,
    account_id bigint NOT NULL,
    used integer NOT NULL,
    "limit" integer,
    CONSTRAINT code_uses_within_limit CHECK (((used >= 0) AND (("limit" IS NULL) OR ("limit" >= used)))),
    CONSTRAINT tickets_codeuses_limit_check CHECK (("limit" >= 0)),
    CONSTRAINT tickets_codeuses_used_check CHECK ((used >= 0))
);
CREATE TABLE public.tickets_coverage (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    page_id bigint,
    ticket_id bigint,
    CONSTRAINT coverage_page_or_ticket CHECK ((((page_id IS NOT NULL) AND (ticket_id IS NULL)) OR ((page_id IS NULL) AND (ticket_id IS NOT NULL))))
);
ALTER TABLE public.tickets_coverage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_coverage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_discountcode (
    id bigint NOT NULL,
    code character varying(30) NOT NULL,
    folded character varying(30) NOT NULL,
    note character varying(200) NOT NULL,
    percent smallint,
    amount_off integer,
    starts_on date,
    ends_on date,
    customer_limit integer,
    for_all boolean NOT NULL,
    enabled boolean NOT NULL,
    key uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT discount_code_customer_limit CHECK (((customer_limit IS NULL) OR (customer_limit >= 1))),
    CONSTRAINT discount_code_ends_after_start CHECK (((starts_on IS NULL) OR (ends_on IS NULL) OR (ends_on >= starts_on))),
    CONSTRAINT discount_code_named CHECK ((NOT ((folded)::text = ''::text))),
    CONSTRAINT discount_code_percent_or_amount CHECK ((((amount_off IS NULL) AND ((percent >= 1) AND (percent <= 100))) OR ((amount_off >= 1) AND (percent IS NULL)))),
    CONSTRAINT discount_code_text CHECK (((NOT ((code)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((note)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))),
    CONSTRAINT tickets_discountcode_amount_off_check CHECK ((amount_off >= 0)),
    CONSTRAINT tickets_discountcode_customer_limit_check CHECK ((customer_limit >= 0)),
    CONSTRAINT tickets_discountcode_percent_check CHECK ((percent >= 0))
);
ALTER TABLE public.tickets_discountcode ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_discountcode_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_dispute (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    intent character varying(255) NOT NULL,
    status character varying(40) NOT NULL,
    state character varying(10) NOT NULL,
    reason character varying(60) NOT NULL,
    amount integer NOT NULL,
    currency character varying(3) NOT NULL,
    withdrawn integer NOT NULL,
    answer_by timestamp with time zone,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    revision integer NOT NULL,
    account_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    invoice_id bigint,
    payment_id bigint,
    moved_at timestamp with time zone,
    withdrawn_of_invoice integer DEFAULT 0 NOT NULL,
    CONSTRAINT dispute_closed_once CHECK ((((closed_at IS NULL) AND ((state)::text = ANY ((ARRAY['inquiry'::character varying, 'open'::character varying])::text[]))) OR ((NOT ((state)::text = ANY ((ARRAY['inquiry'::character varying, 'open'::character varying])::text[]))) AND (closed_at IS NOT NULL)))),
    CONSTRAINT dispute_of_something CHECK (((payment_id IS NOT NULL) OR (invoice_id IS NOT NULL))),
    CONSTRAINT dispute_state_known CHECK (((state)::text = ANY ((ARRAY['inquiry'::character varying, 'open'::character varying, 'won'::character varying, 'lost'::character varying, 'closed'::character varying])::text[]))),
    CONSTRAINT tickets_dispute_amount_check CHECK ((amount >= 0)),
    CONSTRAINT tickets_dispute_revision_check CHECK ((revision >= 0)),
    CONSTRAINT tickets_dispute_withdrawn_check CHECK ((withdrawn >= 0)),
    CONSTRAINT tickets_dispute_withdrawn_of_invoice_check CHECK ((withdrawn_of_invoice >= 0))
);
ALTER TABLE public.tickets_dispute ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_dispute_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_entry (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    title character varying(200) NOT NULL,
    description text NOT NULL,
    location character varying(200) NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    per_booking smallint NOT NULL,
    cancelled_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    page_id bigint NOT NULL,
    series_id bigint NOT NULL,
    local_start timestamp without time zone,
    local_end timestamp without time zone,
    start_offset integer,
    end_offset integer,
    venue_id bigint,
    picture_id bigint,
    CONSTRAINT entry_ends_after_start CHECK ((ends_at > starts_at)),
    CONSTRAINT entry_per_booking_positive CHECK ((per_booking >= 1)),
    CONSTRAINT entry_text CHECK (((NOT ((title)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((location)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(description) <= 10000))),
    CONSTRAINT entry_wall_times_whole CHECK ((((end_offset IS NULL) AND (local_end IS NULL) AND (local_start IS NULL) AND (start_offset IS NULL)) OR ((end_offset IS NOT NULL) AND (local_end > local_start) AND (local_end IS NOT NULL) AND (local_start IS NOT NULL) AND (start_offset IS NOT NULL)))),
    CONSTRAINT tickets_entry_per_booking_check CHECK ((per_booking >= 0))
);
ALTER TABLE public.tickets_entry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_entrycancellation (
    entry_id bigint NOT NULL,
    reason character varying(200) NOT NULL,
    message text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT entrycancellation_text CHECK (((NOT ((reason)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(message) <= 2000)))
);
CREATE TABLE public.tickets_entryleader (
    id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    "position" smallint NOT NULL,
    is_planned boolean NOT NULL,
    leads boolean NOT NULL,
    account_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    leader_id bigint NOT NULL,
    page_id bigint NOT NULL,
    CONSTRAINT entry_leader_for_something CHECK ((is_planned OR leads)),
    CONSTRAINT tickets_entryleader_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.tickets_entryleader ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_entryleader_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_entryoverride (
    entry_id bigint NOT NULL,
    account_id bigint NOT NULL,
    fields character varying(20)[] NOT NULL,
    occurrence timestamp without time zone
);
CREATE TABLE public.tickets_entryplaces (
    entry_id bigint NOT NULL,
    account_id bigint NOT NULL,
    capacity integer NOT NULL,
    taken integer NOT NULL,
    revision integer NOT NULL,
    reserved integer DEFAULT 0 NOT NULL,
    waiting integer DEFAULT 0 NOT NULL,
    CONSTRAINT entry_places_fit CHECK (((capacity >= (taken + reserved)) AND (reserved >= 0) AND (taken >= 0))),
    CONSTRAINT entry_places_for_someone CHECK (((reserved = 0) OR (waiting > 0))),
    CONSTRAINT tickets_entryplaces_capacity_check CHECK ((capacity >= 0)),
    CONSTRAINT tickets_entryplaces_reserved_check CHECK ((reserved >= 0)),
    CONSTRAINT tickets_entryplaces_revision_check CHECK ((revision >= 0)),
    CONSTRAINT tickets_entryplaces_taken_check CHECK ((taken >= 0)),
    CONSTRAINT tickets_entryplaces_waiting_check CHECK ((waiting >= 0))
);
CREATE TABLE public.tickets_entryreminder (
    id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    letters integer NOT NULL,
    account_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    CONSTRAINT tickets_entryreminder_letters_check CHECK ((letters >= 0))
);
ALTER TABLE public.tickets_entryreminder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_entryreminder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_entrytag (
    id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    page_id bigint NOT NULL,
    tag_id bigint NOT NULL
);
ALTER TABLE public.tickets_entrytag ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_entrytag_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_finding (
    id bigint NOT NULL,
    kind character varying(20) NOT NULL,
    "row" bigint NOT NULL,
    name character varying(200) NOT NULL,
    counted character varying(60) NOT NULL,
    should_be character varying(60) NOT NULL,
    found_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    customer_id bigint,
    entry_id bigint,
    group_id bigint
);
ALTER TABLE public.tickets_finding ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_finding_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_importedseat (
    id bigint NOT NULL,
    key uuid NOT NULL,
    reference character varying(100) NOT NULL,
    account_id bigint NOT NULL,
    seat_id bigint NOT NULL
);
ALTER TABLE public.tickets_importedseat ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_importedseat_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_invoicerefund (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    amount integer NOT NULL,
    state character varying(10) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    invoice_id bigint NOT NULL,
    moved_at timestamp with time zone,
    CONSTRAINT invoice_refund_positive CHECK ((amount >= 1)),
    CONSTRAINT tickets_invoicerefund_amount_check CHECK ((amount >= 0))
);
ALTER TABLE public.tickets_invoicerefund ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_invoicerefund_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_leader (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    folded character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    account_id bigint NOT NULL,
    staff_id bigint,
    CONSTRAINT leader_name_plain CHECK (((NOT ((name)::text = ''::text)) AND (NOT ((name)::text ~~ '%,%'::text)))),
    CONSTRAINT leader_text CHECK ((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))
);
ALTER TABLE public.tickets_leader ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_leader_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_ledgerline (
    id bigint NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    kind character varying(20) NOT NULL,
    method character varying(20) NOT NULL,
    amount integer NOT NULL,
    currency character varying(3) NOT NULL,
    number smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    customer_id bigint,
    dispute_id bigint,
    invoice_id bigint,
    invoice_refund_id bigint,
    payment_id bigint,
    refund_id bigint,
    studio_payment_id bigint,
    CONSTRAINT ledger_method_known CHECK (((((method)::text = 'stripe'::text) AND (studio_payment_id IS NULL)) OR (((method)::text = ANY ((ARRAY['cash'::character varying, 'card_machine'::character varying, 'transfer'::character varying])::text[])) AND (studio_payment_id IS NOT NULL)))),
    CONSTRAINT ledger_of_something CHECK ((NOT (amount = 0))),
    CONSTRAINT ledger_one_source CHECK ((((dispute_id IS NULL) AND (invoice_id IS NULL) AND (invoice_refund_id IS NULL) AND ((kind)::text = 'tickets_paid'::text) AND (payment_id IS NOT NULL) AND (refund_id IS NULL) AND (studio_payment_id IS NULL)) OR ((dispute_id IS NULL) AND (invoice_id IS NULL) AND (invoice_refund_id IS NULL) AND ((kind)::text = 'tickets_refunded'::text) AND (payment_id IS NULL) AND (refund_id IS NOT NULL) AND (studio_payment_id IS NULL)) OR ((dispute_id IS NULL) AND (invoice_id IS NOT NULL) AND (invoice_refund_id IS NULL) AND ((kind)::text = 'membership_paid'::text) AND (payment_id IS NULL) AND (refund_id IS NULL) AND (studio_payment_id IS NULL)) OR ((dispute_id IS NULL) AND (invoice_id IS NULL) AND (invoice_refund_id IS NOT NULL) AND ((kind)::text = 'membership_refunded'::text) AND (payment_id IS NULL) AND (refund_id IS NULL) AND (studio_payment_id IS NULL)) OR ((dispute_id IS NOT NULL) AND (invoice_id IS NULL) AND (invoice_refund_id IS NULL) AND ((kind)::text = 'disputed'::text) AND (payment_id IS NULL) AND (refund_id IS NULL) AND (studio_payment_id IS NULL)) OR ((dispute_id IS NULL) AND (invoice_id IS NULL) AND (invoice_refund_id IS NULL) AND ((kind)::text = ANY ((ARRAY['studio_taken'::character varying, 'studio_given_back'::character varying])::text[])) AND (payment_id IS NULL) AND (refund_id IS NULL) AND (studio_payment_id IS NOT NULL)))),
    CONSTRAINT tickets_ledgerline_number_check CHECK ((number >= 0))
);
ALTER TABLE public.tickets_ledgerline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_ledgerline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_location (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    folded character varying(600) NOT NULL,
    address character varying(300) NOT NULL,
    map_link character varying(1000) NOT NULL,
    online boolean NOT NULL,
    link character varying(1000) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    account_id bigint NOT NULL,
    CONSTRAINT location_links_lead_to_the_web CHECK (((((map_link)::text = ''::text) OR ((map_link)::text ~ '^https?://[^[:space:]]+$'::text)) AND (((link)::text = ''::text) OR ((link)::text ~ '^https?://[^[:space:]]+$'::text)))),
    CONSTRAINT location_named CHECK ((NOT ((name)::text = ''::text))),
    CONSTRAINT location_somewhere_or_online CHECK (((((address)::text = ''::text) AND ((map_link)::text = ''::text) AND online) OR (((link)::text = ''::text) AND (NOT online)))),
    CONSTRAINT location_text CHECK (((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((address)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text))))
);
ALTER TABLE public.tickets_location ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_location_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_movenotice (
    id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    location character varying(200) NOT NULL,
    account_id bigint NOT NULL,
    booking_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    operation_id bigint
);
ALTER TABLE public.tickets_movenotice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_movenotice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_party (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    seats integer NOT NULL,
    allowed integer NOT NULL,
    customer_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    CONSTRAINT party_within_allowed CHECK (((seats >= 0) AND (seats <= allowed))),
    CONSTRAINT tickets_party_allowed_check CHECK ((allowed >= 0)),
    CONSTRAINT tickets_party_seats_check CHECK ((seats >= 0))
);
ALTER TABLE public.tickets_party ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_party_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_payment (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    session character varying(255) NOT NULL,
    intent character varying(255) NOT NULL,
    amount integer NOT NULL,
    currency character varying(3) NOT NULL,
    state character varying(10) NOT NULL,
    refunded integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    paid_at timestamp with time zone,
    account_id bigint NOT NULL,
    booking_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    withdrawn integer DEFAULT 0 NOT NULL,
    failed_at timestamp with time zone,
    on_way_since timestamp with time zone,
    settled_at timestamp with time zone,
    purchase_id bigint,
    CONSTRAINT payment_paid_once CHECK ((((paid_at IS NOT NULL) AND ((state)::text = 'paid'::text)) OR ((paid_at IS NULL) AND (refunded = 0) AND ((state)::text = ANY ((ARRAY['open'::character varying, 'abandoned'::character varying])::text[]))))),
    CONSTRAINT payment_refunds_fit CHECK (((refunded >= 0) AND (refunded <= amount))),
    CONSTRAINT tickets_payment_amount_check CHECK ((amount >= 0)),
    CONSTRAINT tickets_payment_refunded_check CHECK ((refunded >= 0)),
    CONSTRAINT tickets_payment_withdrawn_check CHECK ((withdrawn >= 0))
);
ALTER TABLE public.tickets_payment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_payment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_payout (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    amount integer NOT NULL,
    currency character varying(3) NOT NULL,
    state character varying(10) NOT NULL,
    failure character varying(60) NOT NULL,
    arrives_on date NOT NULL,
    created_at timestamp with time zone NOT NULL,
    is_by_hand boolean NOT NULL,
    is_listed boolean NOT NULL,
    revision integer NOT NULL,
    account_id bigint NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT payout_by_hand_unlisted CHECK ((NOT (is_by_hand AND is_listed))),
    CONSTRAINT payout_state_known CHECK (((state)::text = ANY ((ARRAY['pending'::character varying, 'in_transit'::character varying, 'paid'::character varying, 'failed'::character varying, 'canceled'::character varying])::text[]))),
    CONSTRAINT tickets_payout_revision_check CHECK ((revision >= 0))
);
ALTER TABLE public.tickets_payout ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_payout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_payoutline (
    id bigint NOT NULL,
    stripe_id character varying(255) NOT NULL,
    part smallint NOT NULL,
    kind character varying(10) NOT NULL,
    source character varying(255) NOT NULL,
    intent character varying(255) NOT NULL,
    amount integer NOT NULL,
    fee integer NOT NULL,
    currency character varying(3) NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    is_waiting boolean NOT NULL,
    account_id bigint NOT NULL,
    ledger_line_id bigint,
    payout_id bigint NOT NULL,
    CONSTRAINT payout_line_found CHECK ((NOT (is_waiting AND (ledger_line_id IS NOT NULL)))),
    CONSTRAINT payout_line_kind_known CHECK (((kind)::text = ANY ((ARRAY['payment'::character varying, 'refund'::character varying, 'dispute'::character varying, 'fee'::character varying, 'returned'::character varying, 'other'::character varying])::text[]))),
    CONSTRAINT tickets_payoutline_part_check CHECK ((part >= 0))
);
ALTER TABLE public.tickets_payoutline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_payoutline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_picture (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    alt character varying(300) NOT NULL,
    width smallint NOT NULL,
    height smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT picture_text CHECK ((NOT ((alt)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text))),
    CONSTRAINT picture_whole CHECK (((NOT ((alt)::text = ''::text)) AND (height >= 1) AND (width >= 1))),
    CONSTRAINT tickets_picture_height_check CHECK ((height >= 0)),
    CONSTRAINT tickets_picture_width_check CHECK ((width >= 0))
);
ALTER TABLE public.tickets_picture ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_picture_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_receipt (
    id bigint NOT NULL,
    number integer NOT NULL,
    prefix character varying(12) NOT NULL,
    kind character varying(20) NOT NULL,
    paid_at timestamp with time zone NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    name character varying(200) NOT NULL,
    reference character varying(20) NOT NULL,
    business_name character varying(200) NOT NULL,
    business_address text NOT NULL,
    vat_number character varying(30) NOT NULL,
    currency character varying(3) NOT NULL,
    total integer NOT NULL,
    vat integer,
    account_id bigint NOT NULL,
    credits_id bigint,
    customer_id bigint,
    line_id bigint NOT NULL,
    payment_id bigint,
    CONSTRAINT receipt_kind_fits CHECK (((((kind)::text = 'receipt'::text) AND (total > 0)) OR (((kind)::text = 'credit_note'::text) AND (total < 0)))),
    CONSTRAINT receipt_number_positive CHECK ((number >= 1)),
    CONSTRAINT receipt_text CHECK (((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((business_name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((vat_number)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((prefix)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(business_address) <= 500))),
    CONSTRAINT tickets_receipt_number_check CHECK ((number >= 0))
);
ALTER TABLE public.tickets_receipt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_receipt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_receiptcounter (
    account_id bigint NOT NULL,
    first integer DEFAULT 1 NOT NULL,
    last integer DEFAULT 0 NOT NULL,
    CONSTRAINT receipt_counter_fits CHECK (((first >= 1) AND (last >= (first - 1)))),
    CONSTRAINT tickets_receiptcounter_first_check CHECK ((first >= 0)),
    CONSTRAINT tickets_receiptcounter_last_check CHECK ((last >= 0))
);
CREATE TABLE public.tickets_receiptdue (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    line_id bigint NOT NULL
);
ALTER TABLE public.tickets_receiptdue ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_receiptdue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_receiptline (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    text character varying(300) NOT NULL,
    detail character varying(300) NOT NULL,
    vat_name character varying(60) NOT NULL,
    basis_points smallint,
    amount integer NOT NULL,
    vat integer,
    account_id bigint NOT NULL,
    receipt_id bigint NOT NULL,
    seat_id bigint,
    CONSTRAINT receipt_line_of_something CHECK ((NOT (amount = 0))),
    CONSTRAINT receipt_line_text CHECK (((NOT ((text)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((detail)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((vat_name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))),
    CONSTRAINT receipt_line_vat_whole CHECK ((((basis_points IS NULL) AND (vat IS NULL)) OR ((basis_points <= 5000) AND (vat IS NOT NULL)))),
    CONSTRAINT tickets_receiptline_basis_points_check CHECK ((basis_points >= 0)),
    CONSTRAINT tickets_receiptline_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.tickets_receiptline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_receiptline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_receiptsettings (
    account_id bigint NOT NULL,
    is_on boolean DEFAULT false NOT NULL,
    business_name character varying(200) NOT NULL,
    business_address text NOT NULL,
    vat_number character varying(30) DEFAULT ''::character varying NOT NULL,
    prefix character varying(12) DEFAULT ''::character varying NOT NULL,
    default_rate_id bigint,
    CONSTRAINT receipt_settings_text CHECK (((NOT ((business_name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((vat_number)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (NOT ((prefix)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(business_address) <= 500)))
);
CREATE TABLE public.tickets_refund (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    amount integer NOT NULL,
    reason character varying(20) NOT NULL,
    state character varying(10) NOT NULL,
    stripe_id character varying(255) NOT NULL,
    trouble text NOT NULL,
    tries smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    account_id bigint NOT NULL,
    by_id bigint,
    payment_id bigint NOT NULL,
    moved_at timestamp with time zone,
    CONSTRAINT refund_positive CHECK ((amount >= 1)),
    CONSTRAINT tickets_refund_amount_check CHECK ((amount >= 0)),
    CONSTRAINT tickets_refund_tries_check CHECK ((tries >= 0))
);
ALTER TABLE public.tickets_refund ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_refund_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_refundedseat (
    id bigint NOT NULL,
    amount integer NOT NULL,
    account_id bigint NOT NULL,
    refund_id bigint NOT NULL,
    seat_id bigint NOT NULL,
    CONSTRAINT refunded_seat_positive CHECK ((amount >= 1)),
    CONSTRAINT tickets_refundedseat_amount_check CHECK ((amount >= 0))
);
ALTER TABLE public.tickets_refundedseat ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_refundedseat_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_release (
    id bigint NOT NULL,
    ground uuid NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    account_id bigint NOT NULL,
    member_id bigint NOT NULL
);
ALTER TABLE public.tickets_release ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_release_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_seat (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    attendee_name character varying(200) NOT NULL,
    attendee_email character varying(254) NOT NULL,
    is_for_booker boolean NOT NULL,
    price integer NOT NULL,
    amount integer NOT NULL,
    discount_index smallint,
    created_at timestamp with time zone NOT NULL,
    cancelled_at timestamp with time zone,
    cancelled_by character varying(20) NOT NULL,
    account_id bigint NOT NULL,
    booking_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    discount_id bigint,
    discount_use_id bigint,
    entry_id bigint NOT NULL,
    payment_id bigint,
    self_attendee_id bigint,
    use_id bigint,
    ticket_id bigint NOT NULL,
    refund_due integer,
    owed integer DEFAULT 0 NOT NULL,
    moved_from_id bigint,
    moved_at timestamp with time zone,
    collected integer DEFAULT 0 NOT NULL,
    discount_code_id bigint,
    CONSTRAINT seat_discount_whole CHECK ((((amount <= price) AND (discount_id IS NOT NULL) AND (discount_use_id IS NOT NULL) AND (discount_code_id IS NULL) AND (discount_index IS NOT NULL)) OR ((discount_id IS NULL) AND (discount_index IS NULL) AND (discount_use_id IS NULL) AND ((amount = price) OR ((amount <= price) AND (discount_code_id IS NOT NULL)))))),
    CONSTRAINT seat_text CHECK ((NOT ((attendee_name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text))),
    CONSTRAINT tickets_seat_amount_check CHECK ((amount >= 0)),
    CONSTRAINT tickets_seat_discount_index_check CHECK ((discount_index >= 0)),
    CONSTRAINT tickets_seat_price_check CHECK ((price >= 0))
);
ALTER TABLE public.tickets_seat ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_seat_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_series (
    id bigint NOT NULL,
    rule character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    page_id bigint NOT NULL,
    first timestamp without time zone,
    split_from_id bigint
);
ALTER TABLE public.tickets_series ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_series_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_seriesdate (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    starts timestamp without time zone NOT NULL,
    left_out boolean NOT NULL,
    series_id bigint NOT NULL
);
ALTER TABLE public.tickets_seriesdate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_seriesdate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_studiopayment (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    amount integer NOT NULL,
    currency character varying(3) NOT NULL,
    method character varying(20) NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    note character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    corrects_id bigint,
    customer_id bigint NOT NULL,
    taken_by_id bigint,
    CONSTRAINT studio_payment_method_known CHECK (((method)::text = ANY ((ARRAY['cash'::character varying, 'card_machine'::character varying, 'transfer'::character varying])::text[]))),
    CONSTRAINT studio_payment_of_something CHECK ((NOT (amount = 0))),
    CONSTRAINT studio_payment_text CHECK ((NOT ((note)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))
);
ALTER TABLE public.tickets_studiopayment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_studiopayment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_studiopaymentline (
    id bigint NOT NULL,
    amount integer NOT NULL,
    forgiven integer NOT NULL,
    account_id bigint NOT NULL,
    payment_id bigint NOT NULL,
    seat_id bigint NOT NULL,
    CONSTRAINT studio_line_forgiven_fits CHECK (((forgiven = 0) OR ((forgiven > 0) AND (forgiven <= (amount * '-1'::integer))) OR ((forgiven >= (amount * '-1'::integer)) AND (forgiven < 0)))),
    CONSTRAINT studio_line_of_something CHECK ((NOT (amount = 0)))
);
ALTER TABLE public.tickets_studiopaymentline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_studiopaymentline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_tag (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    folded character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    account_id bigint NOT NULL,
    CONSTRAINT tag_name_plain CHECK (((NOT ((name)::text = ''::text)) AND (NOT ((name)::text ~~ '%,%'::text)))),
    CONSTRAINT tag_text CHECK ((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))
);
ALTER TABLE public.tickets_tag ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_tag_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_ticket (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    description text NOT NULL,
    exclusive boolean NOT NULL,
    shown boolean NOT NULL,
    capacity integer,
    cost character varying(10) NOT NULL,
    price integer NOT NULL,
    opens_minutes_before integer,
    closes_minutes_before integer NOT NULL,
    "position" smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    account_id bigint NOT NULL,
    series_id bigint NOT NULL,
    split_from_id bigint,
    vat_rate_id bigint,
    CONSTRAINT ticket_opens_before_closing CHECK (((opens_minutes_before IS NULL) OR (opens_minutes_before > closes_minutes_before))),
    CONSTRAINT ticket_price_fits_cost CHECK (((((cost)::text = 'cost'::text) AND (price >= 1)) OR (((cost)::text = ANY ((ARRAY['free'::character varying, 'none'::character varying])::text[])) AND (price = 0)))),
    CONSTRAINT ticket_text CHECK (((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)) AND (length(description) <= 2000))),
    CONSTRAINT tickets_ticket_capacity_check CHECK ((capacity >= 0)),
    CONSTRAINT tickets_ticket_closes_minutes_before_check CHECK ((closes_minutes_before >= 0)),
    CONSTRAINT tickets_ticket_opens_minutes_before_check CHECK ((opens_minutes_before >= 0)),
    CONSTRAINT tickets_ticket_position_check CHECK (("position" >= 0)),
    CONSTRAINT tickets_ticket_price_check CHECK ((price >= 0))
);
CREATE TABLE public.tickets_ticket_groups (
    id bigint NOT NULL,
    ticket_id bigint NOT NULL,
    group_id bigint NOT NULL
);
ALTER TABLE public.tickets_ticket_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_ticket_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.tickets_ticket ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_ticket_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_ticketplaces (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    capacity integer,
    taken integer NOT NULL,
    entry_id bigint NOT NULL,
    ticket_id bigint NOT NULL,
    reserved integer DEFAULT 0 NOT NULL,
    waiting integer DEFAULT 0 NOT NULL,
    CONSTRAINT ticket_places_fit CHECK (((reserved >= 0) AND (taken >= 0) AND (((capacity IS NULL) AND (reserved = 0)) OR (capacity >= (taken + reserved))))),
    CONSTRAINT ticket_places_for_someone CHECK (((reserved = 0) OR (waiting > 0))),
    CONSTRAINT tickets_ticketplaces_capacity_check CHECK ((capacity >= 0)),
    CONSTRAINT tickets_ticketplaces_reserved_check CHECK ((reserved >= 0)),
    CONSTRAINT tickets_ticketplaces_taken_check CHECK ((taken >= 0)),
    CONSTRAINT tickets_ticketplaces_waiting_check CHECK ((waiting >= 0))
);
ALTER TABLE public.tickets_ticketplaces ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_ticketplaces_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_vatrate (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    basis_points smallint NOT NULL,
    retired_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT tickets_vatrate_basis_points_check CHECK ((basis_points >= 0)),
    CONSTRAINT vat_rate_bearable CHECK ((basis_points <= 5000)),
    CONSTRAINT vat_rate_text CHECK ((NOT ((name)::text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'::text)))
);
ALTER TABLE public.tickets_vatrate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_vatrate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_waitlistalternative (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    request_id bigint NOT NULL,
    ticket_id bigint NOT NULL
);
ALTER TABLE public.tickets_waitlistalternative ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_waitlistalternative_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets_waitlistrequest (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    names character varying(200)[] NOT NULL,
    is_guest boolean NOT NULL,
    books_at_once boolean NOT NULL,
    state character varying(10) NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    offered_at timestamp with time zone,
    offered_until timestamp with time zone,
    ended_at timestamp with time zone,
    ended_because character varying(20) NOT NULL,
    skipped character varying(40) NOT NULL,
    skipped_at timestamp with time zone,
    moved_from timestamp with time zone,
    look_at timestamp with time zone,
    account_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    hold_id bigint,
    ticket_id bigint NOT NULL,
    turn_at timestamp with time zone,
    email character varying(254) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT waitlist_names CHECK (((
CASE
    WHEN (names IS NULL) THEN NULL::integer
    ELSE COALESCE(array_length(names, 1), 0)
END >= 1) AND (
CASE
    WHEN (names IS NULL) THEN NULL::integer
    ELSE COALESCE(array_length(names, 1), 0)
END <= 10))),
    CONSTRAINT waitlist_skipped_whole CHECK (((((skipped)::text = ''::text) AND (skipped_at IS NULL)) OR ((NOT ((skipped)::text = ''::text)) AND (skipped_at IS NOT NULL)))),
    CONSTRAINT waitlist_state_whole CHECK ((((hold_id IS NULL) AND (offered_until IS NULL) AND ((state)::text = 'waiting'::text) AND (ended_at IS NULL) AND ((ended_because)::text = ''::text)) OR ((hold_id IS NOT NULL) AND (offered_at IS NOT NULL) AND (offered_until IS NOT NULL) AND ((state)::text = 'offered'::text) AND (ended_at IS NULL) AND ((ended_because)::text = ''::text)) OR ((ended_at IS NOT NULL) AND ((ended_because)::text = ''::text) AND ((state)::text = 'taken'::text)) OR ((hold_id IS NOT NULL) AND (offered_until IS NOT NULL) AND ((state)::text = ANY ((ARRAY['declined'::character varying, 'lapsed'::character varying])::text[])) AND (ended_at IS NOT NULL) AND ((ended_because)::text = ''::text)) OR ((ended_at IS NOT NULL) AND ((ended_because)::text = ''::text) AND (hold_id IS NULL) AND ((state)::text = 'left'::text)) OR ((ended_at IS NOT NULL) AND ((ended_because)::text = ANY ((ARRAY['cancelled'::character varying, 'sale_ended'::character varying, 'ticket_gone'::character varying, 'removed'::character varying])::text[])) AND ((state)::text = 'ended'::text))))
);
ALTER TABLE public.tickets_waitlistrequest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tickets_waitlistrequest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_account
    ADD CONSTRAINT accounts_account_connection_id_key UNIQUE (connection_id);
ALTER TABLE ONLY public.accounts_account
    ADD CONSTRAINT accounts_account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_account
    ADD CONSTRAINT accounts_account_slug_key UNIQUE (slug);
ALTER TABLE ONLY public.accounts_auditentry
    ADD CONSTRAINT accounts_auditentry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_auditobject
    ADD CONSTRAINT accounts_auditobject_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_customer
    ADD CONSTRAINT accounts_customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_customeraddress
    ADD CONSTRAINT accounts_customeraddress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_emailblock
    ADD CONSTRAINT accounts_emailblock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_erasure
    ADD CONSTRAINT accounts_erasure_left_id_key UNIQUE (left_id);
ALTER TABLE ONLY public.accounts_erasure
    ADD CONSTRAINT accounts_erasure_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_exportfile
    ADD CONSTRAINT accounts_exportfile_operation_id_key UNIQUE (operation_id);
ALTER TABLE ONLY public.accounts_exportfile
    ADD CONSTRAINT accounts_exportfile_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_exportpart
    ADD CONSTRAINT accounts_exportpart_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_formerstripecustomer
    ADD CONSTRAINT accounts_formerstripecustomer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_letter
    ADD CONSTRAINT accounts_letter_dedupe_key UNIQUE (dedupe);
ALTER TABLE ONLY public.accounts_letter
    ADD CONSTRAINT accounts_letter_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_letterquota
    ADD CONSTRAINT accounts_letterquota_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_letterwording
    ADD CONSTRAINT accounts_letterwording_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_listfile
    ADD CONSTRAINT accounts_listfile_list_import_id_key UNIQUE (list_import_id);
ALTER TABLE ONLY public.accounts_listfile
    ADD CONSTRAINT accounts_listfile_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_listimport
    ADD CONSTRAINT accounts_listimport_operation_id_key UNIQUE (operation_id);
ALTER TABLE ONLY public.accounts_listimport
    ADD CONSTRAINT accounts_listimport_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_listimportrow
    ADD CONSTRAINT accounts_listimportrow_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_loginsession
    ADD CONSTRAINT accounts_loginsession_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_loginsession
    ADD CONSTRAINT accounts_loginsession_session_key_key UNIQUE (session_key);
ALTER TABLE ONLY public.accounts_logo
    ADD CONSTRAINT accounts_logo_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_logo
    ADD CONSTRAINT accounts_logo_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.accounts_mailing
    ADD CONSTRAINT accounts_mailing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_mailingrecipient
    ADD CONSTRAINT accounts_mailingrecipient_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_mailoutage
    ADD CONSTRAINT accounts_mailoutage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_mergedcustomer
    ADD CONSTRAINT accounts_mergedcustomer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_operation
    ADD CONSTRAINT accounts_operation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_reminderstop
    ADD CONSTRAINT accounts_reminderstop_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_retention
    ADD CONSTRAINT accounts_retention_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.accounts_schedulepage
    ADD CONSTRAINT accounts_schedulepage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_schedulepage
    ADD CONSTRAINT accounts_schedulepage_slug_key UNIQUE (slug);
ALTER TABLE ONLY public.accounts_staff
    ADD CONSTRAINT accounts_staff_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_stripecustomer
    ADD CONSTRAINT accounts_stripecustomer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_user
    ADD CONSTRAINT accounts_user_email_key UNIQUE (email);
ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_user_id_group_id_59c0b32f_uniq UNIQUE (user_id, group_id);
ALTER TABLE ONLY public.accounts_user
    ADD CONSTRAINT accounts_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_permi_user_id_permission_id_2ab516c2_uniq UNIQUE (user_id, permission_id);
ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_auditobject
    ADD CONSTRAINT audit_object_once UNIQUE (entry_id, kind, object_id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT booking_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.tickets_codecoverage
    ADD CONSTRAINT code_coverage_page_once UNIQUE (code_id, page_id);
ALTER TABLE ONLY public.tickets_codecoverage
    ADD CONSTRAINT code_coverage_ticket_once UNIQUE (code_id, ticket_id);
ALTER TABLE ONLY public.tickets_codecustomer
    ADD CONSTRAINT code_customer_once UNIQUE (code_id, customer_id);
ALTER TABLE ONLY public.tickets_coverage
    ADD CONSTRAINT coverage_page_once UNIQUE (offer_id, page_id);
ALTER TABLE ONLY public.tickets_coverage
    ADD CONSTRAINT coverage_ticket_once UNIQUE (offer_id, ticket_id);
ALTER TABLE ONLY public.accounts_customeraddress
    ADD CONSTRAINT customer_address_once UNIQUE (account_id, email);
ALTER TABLE ONLY public.accounts_customer
    ADD CONSTRAINT customer_email_once UNIQUE (account_id, email);
ALTER TABLE ONLY public.tickets_discountcode
    ADD CONSTRAINT discount_code_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.tickets_discountcode
    ADD CONSTRAINT discount_code_once UNIQUE (account_id, folded);
ALTER TABLE ONLY public.tickets_dispute
    ADD CONSTRAINT dispute_once UNIQUE (account_id, stripe_id);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.accounts_emailblock
    ADD CONSTRAINT email_block_once UNIQUE (account_id, email, reason);
ALTER TABLE ONLY public.tickets_entryleader
    ADD CONSTRAINT entry_leader_once UNIQUE (entry_id, leader_id);
ALTER TABLE ONLY public.tickets_entryreminder
    ADD CONSTRAINT entry_reminder_once UNIQUE (entry_id, starts_at);
ALTER TABLE ONLY public.tickets_entrytag
    ADD CONSTRAINT entry_tag_once UNIQUE (entry_id, tag_id);
ALTER TABLE ONLY public.payments_erasedatstripe
    ADD CONSTRAINT erased_at_stripe_once UNIQUE (connection_id, stripe_id);
ALTER TABLE ONLY public.accounts_erasure
    ADD CONSTRAINT erasure_once UNIQUE (account_id, customer_number, customer_made_at);
ALTER TABLE ONLY public.payments_stripeevent
    ADD CONSTRAINT event_once UNIQUE (connection_id, stripe_id);
ALTER TABLE ONLY public.accounts_exportpart
    ADD CONSTRAINT export_part_once UNIQUE (export_file_id, number);
ALTER TABLE ONLY public.offers_extrauses
    ADD CONSTRAINT extra_uses_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.accounts_formerstripecustomer
    ADD CONSTRAINT former_stripe_customer_once UNIQUE (connection_id, stripe_id);
ALTER TABLE ONLY public.groups_group
    ADD CONSTRAINT group_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.groups_group
    ADD CONSTRAINT groups_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups_invitationlink
    ADD CONSTRAINT groups_invitationlink_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups_invitationlink
    ADD CONSTRAINT groups_invitationlink_token_key UNIQUE (token);
ALTER TABLE ONLY public.groups_joinrequest
    ADD CONSTRAINT groups_joinrequest_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups_member
    ADD CONSTRAINT groups_member_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups_memberchange
    ADD CONSTRAINT groups_memberchange_operation_id_key UNIQUE (operation_id);
ALTER TABLE ONLY public.groups_memberchange
    ADD CONSTRAINT groups_memberchange_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups_memberchangerow
    ADD CONSTRAINT groups_memberchangerow_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups_pastedlist
    ADD CONSTRAINT groups_pastedlist_operation_id_key UNIQUE (operation_id);
ALTER TABLE ONLY public.groups_pastedlist
    ADD CONSTRAINT groups_pastedlist_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups_pastedpart
    ADD CONSTRAINT groups_pastedpart_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups_standing
    ADD CONSTRAINT groups_standing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_listimportrow
    ADD CONSTRAINT import_row_key_once UNIQUE (list_import_id, key);
ALTER TABLE ONLY public.accounts_listimportrow
    ADD CONSTRAINT import_row_number_once UNIQUE (list_import_id, number);
ALTER TABLE ONLY public.tickets_importedseat
    ADD CONSTRAINT imported_seat_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.installation_backup
    ADD CONSTRAINT installation_backup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.installation_heartbeat
    ADD CONSTRAINT installation_heartbeat_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.installation_installation
    ADD CONSTRAINT installation_installation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.installation_setaside
    ADD CONSTRAINT installation_setaside_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.groups_invitationlink
    ADD CONSTRAINT invitation_link_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.memberships_invoice
    ADD CONSTRAINT invoice_once UNIQUE (account_id, stripe_id);
ALTER TABLE ONLY public.tickets_invoicerefund
    ADD CONSTRAINT invoice_refund_once UNIQUE (account_id, stripe_id);
ALTER TABLE ONLY public.groups_joinrequest
    ADD CONSTRAINT join_request_once UNIQUE (link_id, customer_id);
ALTER TABLE ONLY public.tickets_leader
    ADD CONSTRAINT leader_name_once UNIQUE (account_id, folded);
ALTER TABLE ONLY public.memberships_leftout
    ADD CONSTRAINT left_out_once UNIQUE (account_id, stripe_id);
ALTER TABLE ONLY public.accounts_letterquota
    ADD CONSTRAINT letter_quota_once UNIQUE (account_id, day);
ALTER TABLE ONLY public.accounts_letterwording
    ADD CONSTRAINT letter_wording_once UNIQUE (account_id, kind);
ALTER TABLE ONLY public.tickets_location
    ADD CONSTRAINT location_name_once UNIQUE (account_id, folded);
ALTER TABLE ONLY public.accounts_mailingrecipient
    ADD CONSTRAINT mailing_customer_once UNIQUE (mailing_id, customer_id);
ALTER TABLE ONLY public.accounts_mailing
    ADD CONSTRAINT mailing_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.groups_memberchange
    ADD CONSTRAINT member_change_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.groups_memberchangerow
    ADD CONSTRAINT member_change_row_once UNIQUE (change_id, member_id);
ALTER TABLE ONLY public.groups_member
    ADD CONSTRAINT member_once UNIQUE (group_id, customer_id);
ALTER TABLE ONLY public.memberships_membership
    ADD CONSTRAINT membership_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.memberships_difference
    ADD CONSTRAINT memberships_difference_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships_invoice
    ADD CONSTRAINT memberships_invoice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships_leftout
    ADD CONSTRAINT memberships_leftout_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships_membership_pages
    ADD CONSTRAINT memberships_membership_p_membership_id_schedulepa_3eab3112_uniq UNIQUE (membership_id, schedulepage_id);
ALTER TABLE ONLY public.memberships_membership_pages
    ADD CONSTRAINT memberships_membership_pages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships_membership
    ADD CONSTRAINT memberships_membership_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships_milestone
    ADD CONSTRAINT memberships_milestone_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships_price
    ADD CONSTRAINT memberships_price_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships_price
    ADD CONSTRAINT memberships_price_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.memberships_subscription
    ADD CONSTRAINT memberships_subscription_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.memberships_subscription
    ADD CONSTRAINT memberships_subscription_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.accounts_mergedcustomer
    ADD CONSTRAINT merged_customer_once UNIQUE (account_id, former);
ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_movenotice
    ADD CONSTRAINT movenotice_once UNIQUE (entry_id, booking_id);
ALTER TABLE ONLY public.offers_offer
    ADD CONSTRAINT offer_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.offers_extrauses
    ADD CONSTRAINT offers_extrauses_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.offers_offer
    ADD CONSTRAINT offers_offer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.offers_offer
    ADD CONSTRAINT offers_offer_replaces_id_key UNIQUE (replaces_id);
ALTER TABLE ONLY public.offers_offeruse
    ADD CONSTRAINT offers_offeruse_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.offers_usageperiod
    ADD CONSTRAINT offers_usageperiod_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_operation
    ADD CONSTRAINT operation_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.tickets_party
    ADD CONSTRAINT party_once UNIQUE (entry_id, customer_id);
ALTER TABLE ONLY public.groups_pastedpart
    ADD CONSTRAINT pasted_part_once UNIQUE (pasted_list_id, number);
ALTER TABLE ONLY public.payments_comparison
    ADD CONSTRAINT payments_comparison_pkey PRIMARY KEY (connection_id);
ALTER TABLE ONLY public.payments_connection
    ADD CONSTRAINT payments_connection_endpoint_key UNIQUE (endpoint);
ALTER TABLE ONLY public.payments_connection
    ADD CONSTRAINT payments_connection_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.payments_endpointsecret
    ADD CONSTRAINT payments_endpointsecret_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.payments_erasedatstripe
    ADD CONSTRAINT payments_erasedatstripe_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.payments_failedcall
    ADD CONSTRAINT payments_failedcall_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.payments_failedcall
    ADD CONSTRAINT payments_failedcall_wish_key UNIQUE (wish);
ALTER TABLE ONLY public.payments_stripeevent
    ADD CONSTRAINT payments_stripeevent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_payoutline
    ADD CONSTRAINT payout_line_once UNIQUE (payout_id, stripe_id, part);
ALTER TABLE ONLY public.tickets_payout
    ADD CONSTRAINT payout_once UNIQUE (account_id, stripe_id);
ALTER TABLE ONLY public.offers_usageperiod
    ADD CONSTRAINT period_no_overlap EXCLUDE USING gist (offer_id WITH =, member_id WITH =, daterange(starts_on, ends_on, '[)'::text) WITH &&);
ALTER TABLE ONLY public.offers_usageperiod
    ADD CONSTRAINT period_once UNIQUE (offer_id, member_id, starts_on);
ALTER TABLE ONLY public.tickets_receiptline
    ADD CONSTRAINT receipt_line_once UNIQUE (receipt_id, "position");
ALTER TABLE ONLY public.tickets_receipt
    ADD CONSTRAINT receipt_number_once UNIQUE (account_id, number);
ALTER TABLE ONLY public.tickets_refundedseat
    ADD CONSTRAINT refunded_seat_once UNIQUE (refund_id, seat_id);
ALTER TABLE ONLY public.tickets_release
    ADD CONSTRAINT release_once UNIQUE (member_id, ground, ended_at);
ALTER TABLE ONLY public.accounts_reminderstop
    ADD CONSTRAINT reminder_stop_once UNIQUE (account_id, email);
ALTER TABLE ONLY public.tickets_seriesdate
    ADD CONSTRAINT series_date_once UNIQUE (series_id, starts);
ALTER TABLE ONLY public.installation_setaside
    ADD CONSTRAINT set_aside_once UNIQUE (job, item);
ALTER TABLE ONLY public.accounts_staff
    ADD CONSTRAINT staff_once UNIQUE (account_id, user_id);
ALTER TABLE ONLY public.groups_standing
    ADD CONSTRAINT standing_one_open EXCLUDE USING gist (member_id WITH =, ground WITH =, tstzrange(since, until, '[)'::text) WITH &&);
ALTER TABLE ONLY public.accounts_stripecustomer
    ADD CONSTRAINT stripe_customer_once UNIQUE (customer_id, connection_id);
ALTER TABLE ONLY public.tickets_studiopaymentline
    ADD CONSTRAINT studio_line_once UNIQUE (payment_id, seat_id);
ALTER TABLE ONLY public.tickets_tag
    ADD CONSTRAINT tag_name_once UNIQUE (account_id, folded);
ALTER TABLE ONLY public.tickets_ticketplaces
    ADD CONSTRAINT ticket_places_once UNIQUE (ticket_id, entry_id);
ALTER TABLE ONLY public.tickets_attendance
    ADD CONSTRAINT tickets_attendance_pkey PRIMARY KEY (seat_id);
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_purchase_id_key UNIQUE (purchase_id);
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.tickets_codecoverage
    ADD CONSTRAINT tickets_codecoverage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_codecustomer
    ADD CONSTRAINT tickets_codecustomer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_coderedemption
    ADD CONSTRAINT tickets_coderedemption_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_codeuses
    ADD CONSTRAINT tickets_codeuses_pkey PRIMARY KEY (code_id);
ALTER TABLE ONLY public.tickets_coverage
    ADD CONSTRAINT tickets_coverage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_discountcode
    ADD CONSTRAINT tickets_discountcode_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_dispute
    ADD CONSTRAINT tickets_dispute_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_entry
    ADD CONSTRAINT tickets_entry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_entry
    ADD CONSTRAINT tickets_entry_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.tickets_entrycancellation
    ADD CONSTRAINT tickets_entrycancellation_pkey PRIMARY KEY (entry_id);
ALTER TABLE ONLY public.tickets_entryleader
    ADD CONSTRAINT tickets_entryleader_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_entryoverride
    ADD CONSTRAINT tickets_entryoverride_pkey PRIMARY KEY (entry_id);
ALTER TABLE ONLY public.tickets_entryplaces
    ADD CONSTRAINT tickets_entryplaces_pkey PRIMARY KEY (entry_id);
ALTER TABLE ONLY public.tickets_entryreminder
    ADD CONSTRAINT tickets_entryreminder_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_entrytag
    ADD CONSTRAINT tickets_entrytag_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_finding
    ADD CONSTRAINT tickets_finding_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_importedseat
    ADD CONSTRAINT tickets_importedseat_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_importedseat
    ADD CONSTRAINT tickets_importedseat_seat_id_key UNIQUE (seat_id);
ALTER TABLE ONLY public.tickets_invoicerefund
    ADD CONSTRAINT tickets_invoicerefund_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_leader
    ADD CONSTRAINT tickets_leader_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_leader
    ADD CONSTRAINT tickets_leader_staff_id_key UNIQUE (staff_id);
ALTER TABLE ONLY public.tickets_ledgerline
    ADD CONSTRAINT tickets_ledgerline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_location
    ADD CONSTRAINT tickets_location_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_movenotice
    ADD CONSTRAINT tickets_movenotice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_party
    ADD CONSTRAINT tickets_party_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_payment
    ADD CONSTRAINT tickets_payment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_payment
    ADD CONSTRAINT tickets_payment_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.tickets_payout
    ADD CONSTRAINT tickets_payout_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_payoutline
    ADD CONSTRAINT tickets_payoutline_ledger_line_id_key UNIQUE (ledger_line_id);
ALTER TABLE ONLY public.tickets_payoutline
    ADD CONSTRAINT tickets_payoutline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_picture
    ADD CONSTRAINT tickets_picture_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_picture
    ADD CONSTRAINT tickets_picture_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.tickets_receipt
    ADD CONSTRAINT tickets_receipt_line_id_key UNIQUE (line_id);
ALTER TABLE ONLY public.tickets_receipt
    ADD CONSTRAINT tickets_receipt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_receiptcounter
    ADD CONSTRAINT tickets_receiptcounter_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.tickets_receiptdue
    ADD CONSTRAINT tickets_receiptdue_line_id_key UNIQUE (line_id);
ALTER TABLE ONLY public.tickets_receiptdue
    ADD CONSTRAINT tickets_receiptdue_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_receiptline
    ADD CONSTRAINT tickets_receiptline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_receiptsettings
    ADD CONSTRAINT tickets_receiptsettings_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.tickets_refund
    ADD CONSTRAINT tickets_refund_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_refund
    ADD CONSTRAINT tickets_refund_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.tickets_refundedseat
    ADD CONSTRAINT tickets_refundedseat_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_release
    ADD CONSTRAINT tickets_release_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_discount_use_id_key UNIQUE (discount_use_id);
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_use_id_key UNIQUE (use_id);
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.tickets_series
    ADD CONSTRAINT tickets_series_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_seriesdate
    ADD CONSTRAINT tickets_seriesdate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_studiopayment
    ADD CONSTRAINT tickets_studiopayment_corrects_id_key UNIQUE (corrects_id);
ALTER TABLE ONLY public.tickets_studiopayment
    ADD CONSTRAINT tickets_studiopayment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_studiopayment
    ADD CONSTRAINT tickets_studiopayment_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.tickets_studiopaymentline
    ADD CONSTRAINT tickets_studiopaymentline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_tag
    ADD CONSTRAINT tickets_tag_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_ticket_groups
    ADD CONSTRAINT tickets_ticket_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_ticket_groups
    ADD CONSTRAINT tickets_ticket_groups_ticket_id_group_id_ce3f7d9e_uniq UNIQUE (ticket_id, group_id);
ALTER TABLE ONLY public.tickets_ticket
    ADD CONSTRAINT tickets_ticket_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_ticketplaces
    ADD CONSTRAINT tickets_ticketplaces_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_vatrate
    ADD CONSTRAINT tickets_vatrate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_waitlistalternative
    ADD CONSTRAINT tickets_waitlistalternative_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_waitlistrequest
    ADD CONSTRAINT tickets_waitlistrequest_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets_waitlistrequest
    ADD CONSTRAINT tickets_waitlistrequest_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.tickets_vatrate
    ADD CONSTRAINT vat_rate_name_once UNIQUE (account_id, name);
ALTER TABLE ONLY public.tickets_waitlistalternative
    ADD CONSTRAINT waitlist_alternative_once UNIQUE (request_id, ticket_id);
CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);
CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);
CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);
CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);
CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);
CREATE INDEX accounts_account_opened_by_id_16a1a349 ON public.accounts_account USING btree (opened_by_id);
CREATE INDEX accounts_account_slug_30fcc553_like ON public.accounts_account USING btree (slug varchar_pattern_ops);
CREATE INDEX accounts_customer_user_id_11606857 ON public.accounts_customer USING btree (user_id);
CREATE INDEX accounts_customeraddress_customer_id_b10f0107 ON public.accounts_customeraddress USING btree (customer_id);
CREATE INDEX accounts_exportfile_account_id_66feb5db ON public.accounts_exportfile USING btree (account_id);
CREATE INDEX accounts_exportpart_account_id_7eddc21f ON public.accounts_exportpart USING btree (account_id);
CREATE INDEX accounts_formerstripecustomer_account_id_e3596dee ON public.accounts_formerstripecustomer USING btree (account_id);
CREATE INDEX accounts_formerstripecustomer_customer_id_37ec3b21 ON public.accounts_formerstripecustomer USING btree (customer_id);
CREATE INDEX accounts_letter_account_id_fa6cc861 ON public.accounts_letter USING btree (account_id);
CREATE INDEX accounts_listfile_account_id_95a4c82d ON public.accounts_listfile USING btree (account_id);
CREATE INDEX accounts_listimportrow_account_id_5efcb001 ON public.accounts_listimportrow USING btree (account_id);
CREATE INDEX accounts_loginsession_user_id_88028387 ON public.accounts_loginsession USING btree (user_id);
CREATE INDEX accounts_mailingrecipient_customer_id_1668a7c3 ON public.accounts_mailingrecipient USING btree (customer_id);
CREATE INDEX accounts_mergedcustomer_customer_id_ef370523 ON public.accounts_mergedcustomer USING btree (customer_id);
CREATE INDEX accounts_schedulepage_account_id_d98cf974 ON public.accounts_schedulepage USING btree (account_id);
CREATE INDEX accounts_schedulepage_slug_5afff6db_like ON public.accounts_schedulepage USING btree (slug varchar_pattern_ops);
CREATE INDEX accounts_staff_user_id_f2ff984a ON public.accounts_staff USING btree (user_id);
CREATE INDEX accounts_stripecustomer_account_id_12285e6c ON public.accounts_stripecustomer USING btree (account_id);
CREATE INDEX accounts_stripecustomer_connection_id_37c7b881 ON public.accounts_stripecustomer USING btree (connection_id);
CREATE INDEX accounts_user_email_b2644a56_like ON public.accounts_user USING btree (email varchar_pattern_ops);
CREATE INDEX accounts_user_groups_group_id_bd11a704 ON public.accounts_user_groups USING btree (group_id);
CREATE INDEX accounts_user_groups_user_id_52b62117 ON public.accounts_user_groups USING btree (user_id);
CREATE INDEX accounts_user_user_permissions_permission_id_113bb443 ON public.accounts_user_user_permissions USING btree (permission_id);
CREATE INDEX accounts_user_user_permissions_user_id_e4f0a161 ON public.accounts_user_user_permissions USING btree (user_id);
CREATE INDEX audit_actor ON public.accounts_auditentry USING btree (actor_id, account_id, at DESC, id DESC);
CREATE INDEX audit_deleted ON public.accounts_auditentry USING btree (account_id, kind, object_id) WHERE ((action)::text = ANY ((ARRAY['group.deleted'::character varying, 'membership.deleted'::character varying, 'staff.removed'::character varying, 'entry.date_skipped'::character varying, 'message.deleted'::character varying])::text[]));
CREATE INDEX audit_kind ON public.accounts_auditentry USING btree (account_id, kind, at DESC, id DESC);
CREATE INDEX audit_newest ON public.accounts_auditentry USING btree (account_id, at DESC, id DESC);
CREATE INDEX audit_object_newest ON public.accounts_auditobject USING btree (account_id, kind, object_id, entry_id DESC);
CREATE INDEX audit_oldest ON public.accounts_auditentry USING btree (at);
CREATE INDEX audit_seen_by ON public.accounts_auditentry USING btree (account_id, seen_by, at DESC, id DESC);
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX backup_newest ON public.installation_backup USING btree (finished_at DESC);
CREATE INDEX booking_code ON public.tickets_booking USING btree (discount_code_id) WHERE (discount_code_id IS NOT NULL);
CREATE INDEX booking_customer ON public.tickets_booking USING btree (customer_id, created_at DESC);
CREATE INDEX booking_filled_by ON public.tickets_booking USING btree (filled_by_id) WHERE (held_until IS NOT NULL);
CREATE INDEX booking_found ON public.tickets_booking USING gin (account_id, replace(encode((replace(
CASE
    WHEN (octet_length((booker_name)::text) = length((booker_name)::text)) THEN upper(replace((booker_name)::text, '`'::text, ''''::text))
    ELSE upper(NORMALIZE(replace(replace(replace(replace(translate(regexp_replace(NORMALIZE(translate((booker_name)::text, '‘’ʼ´`'::text, ''''''''''''::text), NFKD), '[\u0300-\u036F]+'::text, ''::text, 'g'::text), 'øØłŁđĐðÐħĦŧŦıŋŊɓƁɗƊƙƘƴƳßæœþ'::text, 'oOlLdDdDhHtTinNbBdDkKyYẞÆŒÞ'::text), 'ẞ'::text, 'SS'::text), 'Æ'::text, 'AE'::text), 'Œ'::text, 'OE'::text), 'Þ'::text, 'TH'::text), NFC))
END, '\'::text, ''::text))::bytea, 'escape'::text), '\'::text, ''::text) public.gin_trgm_ops) WITH (gin_pending_list_limit='256') WHERE (NOT ((booker_name)::text = ''::text));
CREATE INDEX booking_guest_hold ON public.tickets_booking USING btree (account_id, held_from) WHERE ((filled_by_id IS NULL) AND (held_until IS NOT NULL));
CREATE INDEX booking_held ON public.tickets_booking USING btree (held_until) WHERE (held_until IS NOT NULL);
CREATE INDEX booking_held_listed ON public.tickets_booking USING btree (account_id, created_at DESC, id DESC) WHERE (held_until IS NOT NULL);
CREATE INDEX booking_listed ON public.tickets_booking USING btree (account_id, state, created_at DESC, id DESC);
CREATE INDEX booking_overdue ON public.tickets_booking USING btree (state, account_id, held_until, id) WHERE (held_until IS NOT NULL);
CREATE INDEX code_redemption_newest ON public.tickets_coderedemption USING btree (code_id, created_at DESC, id DESC);
CREATE INDEX code_redemption_of_account ON public.tickets_coderedemption USING btree (account_id, id);
CREATE UNIQUE INDEX code_redemption_once_a_booking ON public.tickets_coderedemption USING btree (booking_id) WHERE (ended_at IS NULL);
CREATE INDEX connection_troubled ON public.payments_connection USING btree (id) WHERE ((disconnected_at IS NULL) AND (NOT (trouble = ''::text)));
CREATE INDEX customer_found ON public.accounts_customer USING gin (account_id, replace(encode((replace(
CASE
    WHEN (octet_length((name)::text) = length((name)::text)) THEN upper(replace((name)::text, '`'::text, ''''::text))
    ELSE upper(NORMALIZE(replace(replace(replace(replace(translate(regexp_replace(NORMALIZE(translate((name)::text, '‘’ʼ´`'::text, ''''''''''''::text), NFKD), '[\u0300-\u036F]+'::text, ''::text, 'g'::text), 'øØłŁđĐðÐħĦŧŦıŋŊɓƁɗƊƙƘƴƳßæœþ'::text, 'oOlLdDdDhHtTinNbBdDkKyYẞÆŒÞ'::text), 'ẞ'::text, 'SS'::text), 'Æ'::text, 'AE'::text), 'Œ'::text, 'OE'::text), 'Þ'::text, 'TH'::text), NFC))
END, '\'::text, ''::text))::bytea, 'escape'::text), '\'::text, ''::text) public.gin_trgm_ops, email public.gin_trgm_ops) WITH (gin_pending_list_limit='256');
CREATE INDEX customer_in_order ON public.accounts_customer USING btree (account_id, lower(COALESCE(NULLIF((name)::text, ''::text), (email)::text)), id) INCLUDE (name, email, phone, other_addresses);
CREATE INDEX customer_of_contact ON public.accounts_customer USING btree (contact_id, id) WHERE (contact_id IS NOT NULL);
CREATE INDEX customer_oldest ON public.accounts_customer USING btree (account_id, created_at, id) WHERE (erased_at IS NULL);
CREATE INDEX customer_search_more ON public.accounts_customer USING gin (account_id, phone public.gin_trgm_ops, other_addresses public.gin_trgm_ops) WITH (gin_pending_list_limit='256');
CREATE UNIQUE INDEX customer_user_once ON public.accounts_customer USING btree (account_id, user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX difference_newest ON public.memberships_difference USING btree (account_id, found_at DESC, id DESC);
CREATE INDEX discount_code_newest ON public.tickets_discountcode USING btree (account_id, id DESC);
CREATE INDEX dispute_newest ON public.tickets_dispute USING btree (account_id, opened_at DESC, id DESC);
CREATE INDEX dispute_undecided ON public.tickets_dispute USING btree (account_id, answer_by) WHERE ((state)::text = ANY ((ARRAY['inquiry'::character varying, 'open'::character varying])::text[]));
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX email_block_newest ON public.accounts_emailblock USING btree (account_id, created_at DESC, id DESC);
CREATE INDEX entry_account_coming ON public.tickets_entry USING btree (account_id, starts_at, id) INCLUDE (cancelled_at, series_id);
CREATE INDEX entry_found ON public.tickets_entry USING gin (account_id, replace(encode((replace(
CASE
    WHEN (octet_length((title)::text) = length((title)::text)) THEN upper(replace((title)::text, '`'::text, ''''::text))
    ELSE upper(NORMALIZE(replace(replace(replace(replace(translate(regexp_replace(NORMALIZE(translate((title)::text, '‘’ʼ´`'::text, ''''''''''''::text), NFKD), '[\u0300-\u036F]+'::text, ''::text, 'g'::text), 'øØłŁđĐðÐħĦŧŦıŋŊɓƁɗƊƙƘƴƳßæœþ'::text, 'oOlLdDdDhHtTinNbBdDkKyYẞÆŒÞ'::text), 'ẞ'::text, 'SS'::text), 'Æ'::text, 'AE'::text), 'Œ'::text, 'OE'::text), 'Þ'::text, 'TH'::text), NFC))
END, '\'::text, ''::text))::bytea, 'escape'::text), '\'::text, ''::text) public.gin_trgm_ops) WITH (gin_pending_list_limit='256');
CREATE INDEX entry_leader_coming ON public.tickets_entryleader USING btree (leader_id, starts_at, entry_id) INCLUDE (leads);
CREATE INDEX entry_leader_on_page ON public.tickets_entryleader USING btree (page_id, leader_id, starts_at, entry_id) INCLUDE (leads);
CREATE INDEX entry_on_now ON public.tickets_entry USING gist (account_id, tstzrange(starts_at, ends_at, '[)'::text));
CREATE INDEX entry_page_coming ON public.tickets_entry USING btree (page_id, starts_at, id) INCLUDE (cancelled_at, ends_at);
CREATE INDEX entry_page_longest ON public.tickets_entry USING btree (page_id, ((ends_at - starts_at)));
CREATE INDEX entry_page_title ON public.tickets_entry USING btree (page_id, title, starts_at, id) INCLUDE (cancelled_at);
CREATE INDEX entry_page_venue ON public.tickets_entry USING btree (page_id, venue_id, starts_at, id) WHERE (venue_id IS NOT NULL);
CREATE INDEX entry_picture ON public.tickets_entry USING btree (picture_id) WHERE (picture_id IS NOT NULL);
CREATE INDEX entry_reminder_account ON public.tickets_entryreminder USING btree (account_id, sent_at);
CREATE INDEX entry_series ON public.tickets_entry USING btree (series_id, starts_at);
CREATE INDEX entry_tag_coming ON public.tickets_entrytag USING btree (tag_id, starts_at, entry_id);
CREATE INDEX entry_tag_on_page ON public.tickets_entrytag USING btree (page_id, tag_id, starts_at, entry_id);
CREATE INDEX entry_venue ON public.tickets_entry USING btree (venue_id, starts_at, id) WHERE (venue_id IS NOT NULL);
CREATE INDEX entryplaces_to_offer ON public.tickets_entryplaces USING btree (account_id, entry_id) WHERE (reserved > 0);
CREATE INDEX erased_at_stripe_lately ON public.payments_erasedatstripe USING btree (added_at);
CREATE INDEX erasure_to_keep ON public.accounts_erasure USING btree (id) WHERE (NOT is_kept);
CREATE INDEX erasure_to_repeat ON public.accounts_erasure USING btree (id) WHERE (left_id IS NULL);
CREATE INDEX event_connection_due ON public.payments_stripeevent USING btree (connection_id, due_at, id) WHERE ((NOT ((state)::text = ANY ((ARRAY['done'::character varying, 'ignored'::character varying, 'dead'::character varying])::text[]))) AND (attempts >= 0));
CREATE INDEX event_given_up ON public.payments_stripeevent USING btree (connection_id) WHERE ((state)::text = 'dead'::text);
CREATE INDEX event_newest ON public.payments_stripeevent USING btree (connection_id, received_at DESC, id DESC);
CREATE INDEX event_of_state ON public.payments_stripeevent USING btree (connection_id, state, received_at DESC, id DESC) WHERE (NOT ((stripe_id)::text = ''::text));
CREATE INDEX event_of_subject ON public.payments_stripeevent USING btree (subject) WHERE ((NOT ((state)::text = ANY ((ARRAY['done'::character varying, 'ignored'::character varying, 'dead'::character varying])::text[]))) AND (NOT ((subject)::text = ''::text)));
CREATE INDEX event_over ON public.payments_stripeevent USING btree (received_at) WHERE ((state)::text = ANY ((ARRAY['done'::character varying, 'ignored'::character varying])::text[]));
CREATE INDEX event_waiting ON public.payments_stripeevent USING btree (due_at) WHERE ((state)::text = 'received'::text);
CREATE INDEX failed_call_at ON public.payments_failedcall USING btree (failed_at);
CREATE INDEX finding_of_account ON public.tickets_finding USING btree (account_id, id);
CREATE INDEX group_by_name ON public.groups_group USING btree (account_id, lower((name)::text), id);
CREATE INDEX group_found ON public.groups_group USING gin (account_id, replace(encode((replace(
CASE
    WHEN (octet_length((name)::text) = length((name)::text)) THEN upper(replace((name)::text, '`'::text, ''''::text))
    ELSE upper(NORMALIZE(replace(replace(replace(replace(translate(regexp_replace(NORMALIZE(translate((name)::text, '‘’ʼ´`'::text, ''''''''''''::text), NFKD), '[\u0300-\u036F]+'::text, ''::text, 'g'::text), 'øØłŁđĐðÐħĦŧŦıŋŊɓƁɗƊƙƘƴƳßæœþ'::text, 'oOlLdDdDhHtTinNbBdDkKyYẞÆŒÞ'::text), 'ẞ'::text, 'SS'::text), 'Æ'::text, 'AE'::text), 'Œ'::text, 'OE'::text), 'Þ'::text, 'TH'::text), NFC))
END, '\'::text, ''::text))::bytea, 'escape'::text), '\'::text, ''::text) public.gin_trgm_ops) WITH (gin_pending_list_limit='256');
CREATE INDEX groups_invitationlink_group_id_5cf4cf45 ON public.groups_invitationlink USING btree (group_id);
CREATE INDEX groups_invitationlink_token_b1cc4140_like ON public.groups_invitationlink USING btree (token varchar_pattern_ops);
CREATE INDEX groups_joinrequest_customer_id_cc5403c4 ON public.groups_joinrequest USING btree (customer_id);
CREATE INDEX groups_joinrequest_group_id_676d8840 ON public.groups_joinrequest USING btree (group_id);
CREATE INDEX groups_member_customer_id_8c0438c2 ON public.groups_member USING btree (customer_id);
CREATE INDEX groups_memberchange_target_id_f51994a9 ON public.groups_memberchange USING btree (target_id);
CREATE INDEX groups_memberchangerow_member_id_54f4f80c ON public.groups_memberchangerow USING btree (member_id);
CREATE INDEX groups_memberchangerow_standing_id_0a70a7ff ON public.groups_memberchangerow USING btree (standing_id);
CREATE INDEX groups_pastedlist_account_id_fa961ad7 ON public.groups_pastedlist USING btree (account_id);
CREATE INDEX groups_pastedlist_group_id_3714ca02 ON public.groups_pastedlist USING btree (group_id);
CREATE INDEX groups_pastedpart_account_id_fb1d4d5a ON public.groups_pastedpart USING btree (account_id);
CREATE INDEX groups_standing_member_id_6deff895 ON public.groups_standing USING btree (member_id);
CREATE INDEX import_row_listed ON public.accounts_listimportrow USING btree (list_import_id, state, verdict, number);
CREATE INDEX import_row_person ON public.accounts_listimportrow USING btree (list_import_id, person) WHERE (NOT ((person)::text = ''::text));
CREATE INDEX import_row_why ON public.accounts_listimportrow USING btree (list_import_id, why, number);
CREATE INDEX installation_heartbeat_name_0a4a8618_like ON public.installation_heartbeat USING btree (name varchar_pattern_ops);
CREATE UNIQUE INDEX invitation_link_one_works ON public.groups_invitationlink USING btree (account_id, group_id) WHERE (stopped_at IS NULL);
CREATE INDEX invoice_unsettled ON public.memberships_invoice USING btree (account_id, status) WHERE ((status)::text = ANY ((ARRAY['draft'::character varying, 'open'::character varying, 'uncollectible'::character varying])::text[]));
CREATE INDEX join_request_newest ON public.groups_joinrequest USING btree (account_id, group_id, state, id DESC);
CREATE INDEX ledger_by_kind ON public.tickets_ledgerline USING btree (account_id, kind, happened_at, id);
CREATE INDEX ledger_by_method ON public.tickets_ledgerline USING btree (account_id, method, happened_at, id) INCLUDE (kind, currency, amount);
CREATE INDEX ledger_by_time ON public.tickets_ledgerline USING btree (account_id, happened_at, id) INCLUDE (kind, method, currency, amount);
CREATE UNIQUE INDEX ledger_dispute_once ON public.tickets_ledgerline USING btree (dispute_id, number) WHERE (dispute_id IS NOT NULL);
CREATE UNIQUE INDEX ledger_invoice_once ON public.tickets_ledgerline USING btree (invoice_id, number) WHERE (invoice_id IS NOT NULL);
CREATE UNIQUE INDEX ledger_invoice_refund_once ON public.tickets_ledgerline USING btree (invoice_refund_id, number) WHERE (invoice_refund_id IS NOT NULL);
CREATE INDEX ledger_of_customer ON public.tickets_ledgerline USING btree (customer_id, happened_at, id);
CREATE UNIQUE INDEX ledger_payment_once ON public.tickets_ledgerline USING btree (payment_id, number) WHERE (payment_id IS NOT NULL);
CREATE UNIQUE INDEX ledger_refund_once ON public.tickets_ledgerline USING btree (refund_id, number) WHERE (refund_id IS NOT NULL);
CREATE UNIQUE INDEX ledger_studio_payment_once ON public.tickets_ledgerline USING btree (studio_payment_id, number) WHERE (studio_payment_id IS NOT NULL);
CREATE INDEX letter_account_over ON public.accounts_letter USING btree (account_id, created_at, id) WHERE ((account_id IS NOT NULL) AND ((sent_at IS NOT NULL) OR (failed_at IS NOT NULL)));
CREATE INDEX letter_account_waiting ON public.accounts_letter USING btree (account_id, created_at, id) WHERE ((account_id IS NOT NULL) AND (failed_at IS NULL) AND (sent_at IS NULL));
CREATE INDEX letter_given_up ON public.accounts_letter USING btree (failed_at) WHERE (failed_at IS NOT NULL);
CREATE INDEX letter_mailing ON public.accounts_letter USING btree (mailing_id, id) WHERE (mailing_id IS NOT NULL);
CREATE INDEX letter_message_id ON public.accounts_letter USING btree (message_id) WHERE (NOT ((message_id)::text = ''::text));
CREATE INDEX letter_quota_day ON public.accounts_letterquota USING btree (day);
CREATE INDEX letter_recipient ON public.accounts_letter USING btree (recipient, created_at DESC);
CREATE INDEX letter_sent ON public.accounts_letter USING btree (sent_at) WHERE (sent_at IS NOT NULL);
CREATE INDEX letter_waiting ON public.accounts_letter USING btree (due_at) WHERE ((failed_at IS NULL) AND (sent_at IS NULL));
CREATE INDEX letter_wording_by ON public.accounts_letterwording USING btree (changed_by_id) WHERE (changed_by_id IS NOT NULL);
CREATE INDEX list_import_newest ON public.accounts_listimport USING btree (account_id, created_at DESC, id DESC);
CREATE INDEX logo_newest ON public.accounts_logo USING btree (account_id, created_at DESC, id DESC);
CREATE INDEX logo_oldest ON public.accounts_logo USING btree (created_at);
CREATE UNIQUE INDEX mailing_address_once ON public.accounts_mailingrecipient USING btree (mailing_id, email) WHERE ((reason)::text = ''::text);
CREATE INDEX mailing_left_out ON public.accounts_mailingrecipient USING btree (mailing_id, reason, id) WHERE ((state)::text = 'left_out'::text);
CREATE INDEX mailing_made_by ON public.accounts_mailing USING btree (made_by_id) WHERE (made_by_id IS NOT NULL);
CREATE INDEX mailing_newest ON public.accounts_mailing USING btree (account_id, created_at DESC, id DESC);
CREATE INDEX mailing_oldest ON public.accounts_mailing USING btree (began_at) WHERE (began_at IS NOT NULL);
CREATE INDEX mailing_operation ON public.accounts_mailing USING btree (operation_id) WHERE (operation_id IS NOT NULL);
CREATE INDEX mailing_recipient_by_state ON public.accounts_mailingrecipient USING btree (account_id, mailing_id, state, id);
CREATE INDEX member_change_newest ON public.groups_memberchange USING btree (account_id, group_id, id DESC);
CREATE INDEX member_change_row_of_account ON public.groups_memberchangerow USING btree (account_id, change_id);
CREATE INDEX member_present ON public.groups_member USING btree (account_id, group_id, stands_until DESC, id DESC);
CREATE INDEX member_unseen ON public.groups_member USING btree (account_id, group_id, stands_until DESC, id DESC) WHERE (seen_at IS NULL);
CREATE INDEX membership_by_title ON public.memberships_membership USING btree (account_id, title, id);
CREATE INDEX memberships_difference_subscription_id_5f394cc3 ON public.memberships_difference USING btree (subscription_id);
CREATE INDEX memberships_invoice_subscription_id_0a814cd4 ON public.memberships_invoice USING btree (subscription_id);
CREATE INDEX memberships_leftout_list_import_id_e48ecf85 ON public.memberships_leftout USING btree (list_import_id);
CREATE INDEX memberships_membership_group_id_8fc7e0f8 ON public.memberships_membership USING btree (group_id);
CREATE INDEX memberships_membership_pages_membership_id_3314f462 ON public.memberships_membership_pages USING btree (membership_id);
CREATE INDEX memberships_membership_pages_schedulepage_id_04993d09 ON public.memberships_membership_pages USING btree (schedulepage_id);
CREATE INDEX memberships_milestone_account_id_54bb9959 ON public.memberships_milestone USING btree (account_id);
CREATE INDEX memberships_price_account_id_b47ec413 ON public.memberships_price USING btree (account_id);
CREATE INDEX memberships_price_membership_id_aa904f2c ON public.memberships_price USING btree (membership_id);
CREATE INDEX memberships_subscription_customer_id_ea66ab66 ON public.memberships_subscription USING btree (customer_id);
CREATE INDEX memberships_subscription_page_id_0cbefd03 ON public.memberships_subscription USING btree (page_id);
CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON public.mfa_authenticator USING btree (user_id);
CREATE INDEX milestone_newest ON public.memberships_milestone USING btree (subscription_id, at DESC, id DESC);
CREATE INDEX movenotice_of_operation ON public.tickets_movenotice USING btree (account_id, operation_id, id);
CREATE INDEX offers_extrauses_member_id_e25609a0 ON public.offers_extrauses USING btree (member_id);
CREATE INDEX offers_extrauses_period_id_ad470a27 ON public.offers_extrauses USING btree (period_id);
CREATE INDEX offers_offer_group_id_5ce52b45 ON public.offers_offer USING btree (group_id);
CREATE INDEX offers_offeruse_account_id_ab12c423 ON public.offers_offeruse USING btree (account_id);
CREATE INDEX offers_offeruse_period_id_8ed00dc8 ON public.offers_offeruse USING btree (period_id);
CREATE INDEX offers_usageperiod_account_id_33188c17 ON public.offers_usageperiod USING btree (account_id);
CREATE INDEX offers_usageperiod_member_id_14d9b866 ON public.offers_usageperiod USING btree (member_id);
CREATE INDEX operation_began_by ON public.accounts_operation USING btree (began_by_id) WHERE (began_by_id IS NOT NULL);
CREATE UNIQUE INDEX operation_lane_once ON public.accounts_operation USING btree (account_id, lane) WHERE ((NOT ((lane)::text = ''::text)) AND ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'waiting'::character varying])::text[])));
CREATE INDEX operation_newest ON public.accounts_operation USING btree (account_id, created_at DESC, id DESC);
CREATE INDEX operation_waiting ON public.accounts_operation USING btree (due_at) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying])::text[]));
CREATE INDEX page_reminds ON public.accounts_schedulepage USING btree (id) INCLUDE (reminder_hours) WHERE (reminder_hours IS NOT NULL);
CREATE INDEX payment_account ON public.tickets_payment USING btree (account_id, paid_at DESC);
CREATE INDEX payment_intent ON public.tickets_payment USING btree (connection_id, intent);
CREATE INDEX payment_listed ON public.tickets_payment USING btree (account_id, COALESCE(paid_at, opened_at) DESC, id DESC) WHERE (amount > 0);
CREATE INDEX payment_listed_state ON public.tickets_payment USING btree (account_id, state, COALESCE(paid_at, opened_at) DESC, id DESC) WHERE (amount > 0);
CREATE UNIQUE INDEX payment_open_once ON public.tickets_payment USING btree (booking_id) WHERE ((state)::text = 'open'::text);
CREATE INDEX payment_owed ON public.tickets_payment USING btree (account_id) WHERE ((failed_at IS NOT NULL) AND (settled_at IS NULL) AND ((state)::text = 'abandoned'::text));
CREATE INDEX payment_purchase ON public.tickets_payment USING btree (purchase_id) WHERE (purchase_id IS NOT NULL);
CREATE INDEX payment_refunds ON public.tickets_payment USING btree (account_id, COALESCE(paid_at, opened_at) DESC, id DESC) INCLUDE (state, currency, amount, refunded, withdrawn) WHERE ((amount > 0) AND (refunded > 0));
CREATE INDEX payment_session ON public.tickets_payment USING btree (connection_id, session);
CREATE INDEX payments_endpointsecret_connection_id_83554e53 ON public.payments_endpointsecret USING btree (connection_id);
CREATE INDEX payments_failedcall_wish_2fdcc083_like ON public.payments_failedcall USING btree (wish varchar_pattern_ops);
CREATE INDEX payout_connection ON public.tickets_payout USING btree (connection_id);
CREATE INDEX payout_line_fees ON public.tickets_payoutline USING btree (account_id, happened_at) INCLUDE (currency, fee, ledger_line_id);
CREATE INDEX payout_line_listed ON public.tickets_payoutline USING btree (payout_id, happened_at, id);
CREATE INDEX payout_line_waiting ON public.tickets_payoutline USING btree (account_id, happened_at, id) WHERE is_waiting;
CREATE INDEX payout_newest ON public.tickets_payout USING btree (account_id, arrives_on DESC, id DESC);
CREATE INDEX period_open ON public.offers_usageperiod USING btree (id) WHERE (closed_at IS NULL);
CREATE INDEX period_open_by_account ON public.offers_usageperiod USING btree (account_id, ends_on, id) WHERE ((closed_at IS NULL) AND (ends_on IS NOT NULL));
CREATE INDEX period_open_end ON public.offers_usageperiod USING btree (ends_on) WHERE (closed_at IS NULL);
CREATE UNIQUE INDEX price_once ON public.memberships_price USING btree (account_id, stripe_id) WHERE (NOT ((stripe_id)::text = ''::text));
CREATE UNIQUE INDEX purchase_open_once ON public.memberships_subscription USING btree (customer_id, membership_id) WHERE ((status)::text = 'pending'::text);
CREATE INDEX receipt_credits ON public.tickets_receipt USING btree (credits_id) WHERE (credits_id IS NOT NULL);
CREATE INDEX receipt_due ON public.tickets_receiptdue USING btree (account_id, id);
CREATE INDEX receipt_line_seat ON public.tickets_receiptline USING btree (seat_id, receipt_id) WHERE (seat_id IS NOT NULL);
CREATE INDEX receipt_listed ON public.tickets_receipt USING btree (account_id, paid_at DESC, id DESC);
CREATE INDEX receipt_of_customer ON public.tickets_receipt USING btree (customer_id, paid_at DESC, id DESC);
CREATE INDEX receipt_of_payment ON public.tickets_receipt USING btree (payment_id) WHERE (payment_id IS NOT NULL);
CREATE INDEX receipt_settings_rate ON public.tickets_receiptsettings USING btree (default_rate_id) WHERE (default_rate_id IS NOT NULL);
CREATE INDEX refund_account ON public.tickets_refund USING btree (account_id, created_at DESC);
CREATE INDEX refund_by_account ON public.tickets_refund USING btree (account_id, due_at, id) WHERE ((state)::text = 'queued'::text);
CREATE INDEX refund_failed ON public.tickets_refund USING btree (account_id, payment_id) WHERE ((done_at IS NULL) AND ((state)::text = 'failed'::text));
CREATE UNIQUE INDEX refund_known_once ON public.tickets_refund USING btree (payment_id, stripe_id) WHERE (NOT ((stripe_id)::text = ''::text));
CREATE INDEX refund_waiting ON public.tickets_refund USING btree (due_at) WHERE ((state)::text = 'queued'::text);
CREATE INDEX release_by_account ON public.tickets_release USING btree (account_id, id) WHERE (done_at IS NULL);
CREATE INDEX release_waiting ON public.tickets_release USING btree (id) WHERE (done_at IS NULL);
CREATE INDEX retention_customers_by ON public.accounts_retention USING btree (customers_by_id) WHERE (customers_by_id IS NOT NULL);
CREATE INDEX retention_due ON public.accounts_retention USING btree (due_at, account_id);
CREATE INDEX seat_code ON public.tickets_seat USING btree (discount_code_id) WHERE (discount_code_id IS NOT NULL);
CREATE INDEX seat_customer ON public.tickets_seat USING btree (customer_id, entry_id);
CREATE UNIQUE INDEX seat_discount_once ON public.tickets_seat USING btree (entry_id, customer_id, discount_id, discount_index) WHERE ((cancelled_at IS NULL) AND (discount_id IS NOT NULL));
CREATE INDEX seat_live ON public.tickets_seat USING btree (entry_id, customer_id) WHERE (cancelled_at IS NULL);
CREATE INDEX seat_moved_from ON public.tickets_seat USING btree (moved_from_id) WHERE (moved_from_id IS NOT NULL);
CREATE INDEX seat_owed ON public.tickets_seat USING btree (account_id, booking_id) WHERE ((cancelled_at IS NULL) AND (owed > 0));
CREATE UNIQUE INDEX seat_self_attendee_once ON public.tickets_seat USING btree (entry_id, self_attendee_id) WHERE ((cancelled_at IS NULL) AND (self_attendee_id IS NOT NULL));
CREATE INDEX seat_to_collect ON public.tickets_seat USING btree (account_id, customer_id, id) INCLUDE (owed) WHERE (NOT (owed = 0));
CREATE INDEX series_split_from ON public.tickets_series USING btree (split_from_id) WHERE (split_from_id IS NOT NULL);
CREATE INDEX standing_begun ON public.groups_standing USING btree (account_id, since DESC, id DESC);
CREATE INDEX standing_end_untold ON public.groups_standing USING btree (until, id) WHERE ((end_told_at IS NULL) AND ((source)::text = 'manual'::text) AND (until IS NOT NULL));
CREATE INDEX standing_ended ON public.groups_standing USING btree (account_id, until DESC, id DESC) WHERE (until IS NOT NULL);
CREATE INDEX standing_on_ground ON public.groups_standing USING btree (((ground)::text)) WHERE ((source)::text = 'membership'::text);
CREATE INDEX stripe_customer_email_due ON public.accounts_stripecustomer USING btree (id) WHERE (email_due_at IS NOT NULL);
CREATE INDEX studio_payment_customer ON public.tickets_studiopayment USING btree (customer_id, taken_at DESC, id DESC);
CREATE INDEX studio_payment_newest ON public.tickets_studiopayment USING btree (account_id, taken_at DESC, id DESC);
CREATE INDEX studio_payment_taken_by ON public.tickets_studiopayment USING btree (taken_by_id, id DESC);
CREATE INDEX subscriber_listed ON public.memberships_subscription USING btree (membership_id, COALESCE(started_at, created_at) DESC, id DESC) WHERE (NOT ((status)::text = ANY ((ARRAY['abandoned'::character varying, 'incomplete'::character varying, 'incomplete_expired'::character varying, 'pending'::character varying])::text[])));
CREATE INDEX subscriber_listed_in ON public.memberships_subscription USING btree (membership_id, (
CASE
    WHEN ((ends_at IS NULL) AND ((status)::text = ANY ((ARRAY['active'::character varying, 'trialing'::character varying])::text[])) AND (NOT ((NOT ((pause_behavior)::text = ''::text)) OR ((paid_until IS NOT NULL) AND (paid_until < period_end) AND (paid_until IS NOT NULL) AND (period_end IS NOT NULL))))) THEN 'active'::text
    WHEN ((ends_at IS NOT NULL) AND ((status)::text = ANY ((ARRAY['active'::character varying, 'trialing'::character varying])::text[])) AND (NOT ((NOT ((pause_behavior)::text = ''::text)) OR ((paid_until IS NOT NULL) AND (paid_until < period_end) AND (paid_until IS NOT NULL) AND (period_end IS NOT NULL))))) THEN 'unrenewed'::text
    WHEN (((status)::text = ANY ((ARRAY['active'::character varying, 'trialing'::character varying])::text[])) AND ((NOT ((pause_behavior)::text = ''::text)) OR ((paid_until IS NOT NULL) AND (paid_until < period_end)))) THEN 'paused'::text
    WHEN ((status)::text = ANY ((ARRAY['past_due'::character varying, 'unpaid'::character varying, 'paused'::character varying])::text[])) THEN 'unpaid'::text
    WHEN ((status)::text = 'canceled'::text) THEN 'cancelled'::text
    ELSE ''::text
END), COALESCE(started_at, created_at) DESC, id DESC) INCLUDE (account_id, status, started_at, created_at, ends_at, pause_behavior, paid_until, period_end);
CREATE INDEX subscription_holders ON public.memberships_subscription USING btree (membership_id, account_id, status);
CREATE INDEX subscription_listed ON public.memberships_subscription USING btree (account_id, COALESCE(started_at, created_at) DESC, id DESC) WHERE (NOT ((status)::text = ANY ((ARRAY['abandoned'::character varying, 'incomplete'::character varying, 'incomplete_expired'::character varying, 'pending'::character varying])::text[])));
CREATE INDEX subscription_listed_in ON public.memberships_subscription USING btree (account_id, (
CASE
    WHEN ((ends_at IS NULL) AND ((status)::text = ANY ((ARRAY['active'::character varying, 'trialing'::character varying])::text[])) AND (NOT ((NOT ((pause_behavior)::text = ''::text)) OR ((paid_until IS NOT NULL) AND (paid_until < period_end) AND (paid_until IS NOT NULL) AND (period_end IS NOT NULL))))) THEN 'active'::text
    WHEN ((ends_at IS NOT NULL) AND ((status)::text = ANY ((ARRAY['active'::character varying, 'trialing'::character varying])::text[])) AND (NOT ((NOT ((pause_behavior)::text = ''::text)) OR ((paid_until IS NOT NULL) AND (paid_until < period_end) AND (paid_until IS NOT NULL) AND (period_end IS NOT NULL))))) THEN 'unrenewed'::text
    WHEN (((status)::text = ANY ((ARRAY['active'::character varying, 'trialing'::character varying])::text[])) AND ((NOT ((pause_behavior)::text = ''::text)) OR ((paid_until IS NOT NULL) AND (paid_until < period_end)))) THEN 'paused'::text
    WHEN ((status)::text = ANY ((ARRAY['past_due'::character varying, 'unpaid'::character varying, 'paused'::character varying])::text[])) THEN 'unpaid'::text
    WHEN ((status)::text = 'canceled'::text) THEN 'cancelled'::text
    ELSE ''::text
END), COALESCE(started_at, created_at) DESC, id DESC) INCLUDE (status, started_at, created_at, ends_at, pause_behavior, paid_until, period_end);
CREATE UNIQUE INDEX subscription_once ON public.memberships_subscription USING btree (account_id, stripe_id) WHERE (NOT ((stripe_id)::text = ''::text));
CREATE INDEX subscription_payers ON public.memberships_subscription USING btree (price_id, account_id, status);
CREATE INDEX subscription_resumes ON public.memberships_subscription USING btree (resumes_at) WHERE (NOT ((pause_behavior)::text = ''::text));
CREATE INDEX ticket_found ON public.tickets_ticket USING gin (account_id, replace(encode((replace(
CASE
    WHEN (octet_length((name)::text) = length((name)::text)) THEN upper(replace((name)::text, '`'::text, ''''::text))
    ELSE upper(NORMALIZE(replace(replace(replace(replace(translate(regexp_replace(NORMALIZE(translate((name)::text, '‘’ʼ´`'::text, ''''''''''''::text), NFKD), '[\u0300-\u036F]+'::text, ''::text, 'g'::text), 'øØłŁđĐðÐħĦŧŦıŋŊɓƁɗƊƙƘƴƳßæœþ'::text, 'oOlLdDdDhHtTinNbBdDkKyYẞÆŒÞ'::text), 'ẞ'::text, 'SS'::text), 'Æ'::text, 'AE'::text), 'Œ'::text, 'OE'::text), 'Þ'::text, 'TH'::text), NFC))
END, '\'::text, ''::text))::bytea, 'escape'::text), '\'::text, ''::text) public.gin_trgm_ops) WITH (gin_pending_list_limit='256');
CREATE INDEX ticket_groups_newest ON public.tickets_ticket_groups USING btree (group_id, ticket_id);
CREATE INDEX ticket_split_from ON public.tickets_ticket USING btree (split_from_id) WHERE (split_from_id IS NOT NULL);
CREATE INDEX ticket_vat_rate ON public.tickets_ticket USING btree (vat_rate_id) WHERE (vat_rate_id IS NOT NULL);
CREATE INDEX tickets_attendance_account_id_ced6c513 ON public.tickets_attendance USING btree (account_id);
CREATE INDEX tickets_attendance_marked_by_id_d0f9b24e ON public.tickets_attendance USING btree (marked_by_id);
CREATE INDEX tickets_booking_membership_price_id_e39781b2 ON public.tickets_booking USING btree (membership_price_id);
CREATE INDEX tickets_booking_page_id_7cc715a8 ON public.tickets_booking USING btree (page_id);
CREATE INDEX tickets_codecoverage_account_id_eaba74fa ON public.tickets_codecoverage USING btree (account_id);
CREATE INDEX tickets_codecoverage_page_id_718ed0ea ON public.tickets_codecoverage USING btree (page_id);
CREATE INDEX tickets_codecoverage_ticket_id_85b977df ON public.tickets_codecoverage USING btree (ticket_id);
CREATE INDEX tickets_codecustomer_customer_id_faa93646 ON public.tickets_codecustomer USING btree (customer_id);
CREATE INDEX tickets_coderedemption_booking_id_abc91916 ON public.tickets_coderedemption USING btree (booking_id);
CREATE INDEX tickets_coderedemption_customer_id_61785070 ON public.tickets_coderedemption USING btree (customer_id);
CREATE INDEX tickets_coverage_account_id_ab45669d ON public.tickets_coverage USING btree (account_id);
CREATE INDEX tickets_coverage_page_id_da666269 ON public.tickets_coverage USING btree (page_id);
CREATE INDEX tickets_coverage_ticket_id_703a067a ON public.tickets_coverage USING btree (ticket_id);
CREATE INDEX tickets_dispute_connection_id_c5f80844 ON public.tickets_dispute USING btree (connection_id);
CREATE INDEX tickets_dispute_invoice_id_0dc6e10e ON public.tickets_dispute USING btree (invoice_id);
CREATE INDEX tickets_dispute_payment_id_0accd674 ON public.tickets_dispute USING btree (payment_id);
CREATE INDEX tickets_entrycancellation_account_id_a9b16ba5 ON public.tickets_entrycancellation USING btree (account_id);
CREATE INDEX tickets_entryleader_account_id_ec483cf3 ON public.tickets_entryleader USING btree (account_id);
CREATE INDEX tickets_entrytag_account_id_4d66e19a ON public.tickets_entrytag USING btree (account_id);
CREATE INDEX tickets_finding_customer_id_fedd474e ON public.tickets_finding USING btree (customer_id);
CREATE INDEX tickets_finding_entry_id_ab9e52fb ON public.tickets_finding USING btree (entry_id);
CREATE INDEX tickets_finding_group_id_21be8274 ON public.tickets_finding USING btree (group_id);
CREATE INDEX tickets_invoicerefund_invoice_id_660de891 ON public.tickets_invoicerefund USING btree (invoice_id);
CREATE INDEX tickets_movenotice_booking_id_aeb2393b ON public.tickets_movenotice USING btree (booking_id);
CREATE INDEX tickets_movenotice_operation_id_67b7e89c ON public.tickets_movenotice USING btree (operation_id);
CREATE INDEX tickets_party_customer_id_ef629638 ON public.tickets_party USING btree (customer_id);
CREATE INDEX tickets_payment_booking_id_f9481da7 ON public.tickets_payment USING btree (booking_id);
CREATE INDEX tickets_picture_account_id_4e76838c ON public.tickets_picture USING btree (account_id);
CREATE INDEX tickets_receiptline_account_id_879eaa32 ON public.tickets_receiptline USING btree (account_id);
CREATE INDEX tickets_refund_by_id_07281072 ON public.tickets_refund USING btree (by_id);
CREATE INDEX tickets_refund_payment_id_dd8f86f8 ON public.tickets_refund USING btree (payment_id);
CREATE INDEX tickets_refundedseat_account_id_02faa73c ON public.tickets_refundedseat USING btree (account_id);
CREATE INDEX tickets_refundedseat_seat_id_2af79e21 ON public.tickets_refundedseat USING btree (seat_id);
CREATE INDEX tickets_release_account_id_e2b45fce ON public.tickets_release USING btree (account_id);
CREATE INDEX tickets_seat_account_id_748bd0fa ON public.tickets_seat USING btree (account_id);
CREATE INDEX tickets_seat_booking_id_c94a7872 ON public.tickets_seat USING btree (booking_id);
CREATE INDEX tickets_seat_discount_id_2d775183 ON public.tickets_seat USING btree (discount_id);
CREATE INDEX tickets_seat_entry_id_65fea030 ON public.tickets_seat USING btree (entry_id);
CREATE INDEX tickets_seat_payment_id_b35b65b6 ON public.tickets_seat USING btree (payment_id);
CREATE INDEX tickets_seat_self_attendee_id_0f16086e ON public.tickets_seat USING btree (self_attendee_id);
CREATE INDEX tickets_seat_ticket_id_0b510a25 ON public.tickets_seat USING btree (ticket_id);
CREATE INDEX tickets_series_account_id_4358a8e3 ON public.tickets_series USING btree (account_id);
CREATE INDEX tickets_series_page_id_f9fb5dfa ON public.tickets_series USING btree (page_id);
CREATE INDEX tickets_studiopaymentline_account_id_9d4e56f5 ON public.tickets_studiopaymentline USING btree (account_id);
CREATE INDEX tickets_studiopaymentline_seat_id_61e535bb ON public.tickets_studiopaymentline USING btree (seat_id);
CREATE INDEX tickets_ticket_account_id_91e3d17e ON public.tickets_ticket USING btree (account_id);
CREATE INDEX tickets_ticket_groups_group_id_ba657a7e ON public.tickets_ticket_groups USING btree (group_id);
CREATE INDEX tickets_ticket_groups_ticket_id_a6757644 ON public.tickets_ticket_groups USING btree (ticket_id);
CREATE INDEX tickets_ticket_series_id_bf61891d ON public.tickets_ticket USING btree (series_id);
CREATE INDEX tickets_ticketplaces_entry_id_5c0933c6 ON public.tickets_ticketplaces USING btree (entry_id);
CREATE INDEX tickets_waitlistalternative_account_id_92b640a7 ON public.tickets_waitlistalternative USING btree (account_id);
CREATE INDEX tickets_waitlistalternative_entry_id_858dc4aa ON public.tickets_waitlistalternative USING btree (entry_id);
CREATE INDEX tickets_waitlistalternative_ticket_id_91365ce0 ON public.tickets_waitlistalternative USING btree (ticket_id);
CREATE INDEX tickets_waitlistrequest_customer_id_1fdc022d ON public.tickets_waitlistrequest USING btree (customer_id);
CREATE INDEX tickets_waitlistrequest_entry_id_97b0c750 ON public.tickets_waitlistrequest USING btree (entry_id);
CREATE INDEX tickets_waitlistrequest_ticket_id_c283ade0 ON public.tickets_waitlistrequest USING btree (ticket_id);
CREATE UNIQUE INDEX unique_authenticator_type ON public.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY ((ARRAY['totp'::character varying, 'recovery_codes'::character varying])::text[]));
CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";
CREATE UNIQUE INDEX unique_verified_email ON public.account_emailaddress USING btree (email) WHERE verified;
CREATE UNIQUE INDEX use_once_a_seat ON public.offers_offeruse USING btree (seat, kind) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX waitlist_hold_once ON public.tickets_waitlistrequest USING btree (hold_id) WHERE (hold_id IS NOT NULL);
CREATE INDEX waitlist_of_entry ON public.tickets_waitlistrequest USING btree (account_id, entry_id, joined_at, id);
CREATE UNIQUE INDEX waitlist_once ON public.tickets_waitlistrequest USING btree (entry_id, customer_id) WHERE ((state)::text = ANY ((ARRAY['waiting'::character varying, 'offered'::character varying])::text[]));
CREATE INDEX waitlist_over ON public.tickets_waitlistrequest USING btree (account_id, ended_at, id) WHERE (ended_at IS NOT NULL);
CREATE INDEX waitlist_to_look_at ON public.tickets_waitlistrequest USING btree (account_id, look_at, id) WHERE (look_at IS NOT NULL);
CREATE STATISTICS public.subscription_memberships (dependencies) ON account_id, membership_id FROM public.memberships_subscription;
CREATE TRIGGER address_added AFTER INSERT ON public.accounts_customeraddress REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_follow_addresses();
CREATE TRIGGER address_changed AFTER UPDATE ON public.accounts_customeraddress REFERENCING OLD TABLE AS old_rows NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_follow_addresses();
CREATE TRIGGER address_removed AFTER DELETE ON public.accounts_customeraddress REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_follow_addresses();
CREATE TRIGGER attendance_goes_with_seat AFTER UPDATE OF cancelled_at, entry_id ON public.tickets_seat FOR EACH ROW WHEN ((((new.cancelled_at IS NOT NULL) AND (old.cancelled_at IS NULL)) OR (new.entry_id <> old.entry_id))) EXECUTE FUNCTION public.tickets_attendance_goes_with_seat();
CREATE TRIGGER attendance_of_live_seat BEFORE INSERT OR UPDATE ON public.tickets_attendance FOR EACH ROW EXECUTE FUNCTION public.tickets_attendance_of_live_seat();
CREATE TRIGGER audit_entry_kept BEFORE DELETE OR UPDATE ON public.accounts_auditentry FOR EACH ROW EXECUTE FUNCTION public.accounts_keep_history();
CREATE TRIGGER audit_object_kept BEFORE DELETE OR UPDATE ON public.accounts_auditobject FOR EACH ROW EXECUTE FUNCTION public.accounts_keep_history();
CREATE CONSTRAINT TRIGGER customer_address_kept AFTER DELETE OR UPDATE ON public.accounts_customeraddress DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.accounts_keep_own_address();
CREATE TRIGGER customer_contact_changed BEFORE UPDATE OF contact_id, contact_email ON public.accounts_customer FOR EACH ROW WHEN (((old.contact_id IS DISTINCT FROM new.contact_id) OR ((old.contact_email)::text IS DISTINCT FROM (new.contact_email)::text))) EXECUTE FUNCTION public.accounts_reach_contact();
CREATE TRIGGER customer_made AFTER INSERT ON public.accounts_customer REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_keep_address();
CREATE TRIGGER customer_made_with_contact BEFORE INSERT ON public.accounts_customer FOR EACH ROW WHEN ((new.contact_id IS NOT NULL)) EXECUTE FUNCTION public.accounts_reach_contact();
CREATE TRIGGER customer_readdressed AFTER UPDATE OF email ON public.accounts_customer FOR EACH ROW WHEN (((old.email)::text IS DISTINCT FROM (new.email)::text)) EXECUTE FUNCTION public.accounts_keep_changed_address();
CREATE TRIGGER customer_readdressed_for_stripe AFTER UPDATE OF email ON public.accounts_customer FOR EACH ROW WHEN (((old.email)::text IS DISTINCT FROM (new.email)::text)) EXECUTE FUNCTION public.accounts_note_address_for_stripe();
CREATE TRIGGER customer_seen AFTER UPDATE OF seen_at ON public.accounts_customer FOR EACH ROW WHEN ((old.seen_at IS DISTINCT FROM new.seen_at)) EXECUTE FUNCTION public.groups_follow_seen();
CREATE TRIGGER entry_filed_again AFTER UPDATE OF page_id, starts_at ON public.tickets_entry FOR EACH ROW WHEN (((old.page_id <> new.page_id) OR (old.starts_at <> new.starts_at))) EXECUTE FUNCTION public.tickets_file_again();
CREATE TRIGGER entry_leader_filed BEFORE INSERT ON public.tickets_entryleader FOR EACH ROW EXECUTE FUNCTION public.tickets_file_by_schedule();
CREATE TRIGGER entry_tag_filed BEFORE INSERT ON public.tickets_entrytag FOR EACH ROW EXECUTE FUNCTION public.tickets_file_by_schedule();
CREATE TRIGGER entry_venue_kept BEFORE UPDATE OF location ON public.tickets_entry FOR EACH ROW WHEN (((new.venue_id IS NOT NULL) AND ((old.location)::text <> (new.location)::text))) EXECUTE FUNCTION public.tickets_keep_venue();
CREATE TRIGGER ledger_line_kept BEFORE DELETE OR UPDATE ON public.tickets_ledgerline FOR EACH ROW EXECUTE FUNCTION public.tickets_keep_money('customer_id');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF status, amount_paid, settlement ON public.memberships_invoice FOR EACH ROW WHEN (((((old.status)::text = 'paid'::text) OR ((new.status)::text = 'paid'::text)) AND ((((old.status)::text IS DISTINCT FROM (new.status)::text) OR (old.amount_paid IS DISTINCT FROM new.amount_paid)) OR ((old.settlement)::text IS DISTINCT FROM (new.settlement)::text)))) EXECUTE FUNCTION public.tickets_ledger_follows('invoice');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF withdrawn, withdrawn_of_invoice ON public.tickets_dispute FOR EACH ROW WHEN (((old.withdrawn IS DISTINCT FROM new.withdrawn) OR (old.withdrawn_of_invoice IS DISTINCT FROM new.withdrawn_of_invoice))) EXECUTE FUNCTION public.tickets_ledger_follows('dispute');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF state, amount ON public.tickets_invoicerefund FOR EACH ROW WHEN ((((old.state)::text IS DISTINCT FROM (new.state)::text) OR (old.amount IS DISTINCT FROM new.amount))) EXECUTE FUNCTION public.tickets_ledger_follows('invoice_refund');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF state, amount ON public.tickets_payment FOR EACH ROW WHEN (((((old.state)::text = 'paid'::text) OR ((new.state)::text = 'paid'::text)) AND (((old.state)::text IS DISTINCT FROM (new.state)::text) OR (old.amount IS DISTINCT FROM new.amount)))) EXECUTE FUNCTION public.tickets_ledger_follows('payment');
CREATE TRIGGER ledger_of_changed AFTER UPDATE OF state, amount ON public.tickets_refund FOR EACH ROW WHEN ((((old.state)::text IS DISTINCT FROM (new.state)::text) OR (old.amount IS DISTINCT FROM new.amount))) EXECUTE FUNCTION public.tickets_ledger_follows('refund');
CREATE TRIGGER ledger_of_new AFTER INSERT ON public.memberships_invoice FOR EACH ROW WHEN (((new.status)::text = 'paid'::text)) EXECUTE FUNCTION public.tickets_ledger_follows('invoice');
CREATE TRIGGER ledger_of_new AFTER INSERT ON public.tickets_dispute FOR EACH ROW WHEN (((new.withdrawn + new.withdrawn_of_invoice) > 0)) EXECUTE FUNCTION public.tickets_ledger_follows('dispute');
CREATE TRIGGER ledger_of_new AFTER INSERT ON public.tickets_invoicerefund FOR EACH ROW WHEN (((new.state)::text = ANY ((ARRAY['pending'::character varying, 'done'::character varying])::text[]))) EXECUTE FUNCTION public.tickets_ledger_follows('invoice_refund');
CREATE TRIGGER ledger_of_new AFTER INSERT ON public.tickets_payment FOR EACH ROW WHEN (((new.state)::text = 'paid'::text)) EXECUTE FUNCTION public.tickets_ledger_follows('payment');
CREATE TRIGGER ledger_of_new AFTER INSERT ON public.tickets_refund FOR EACH ROW WHEN (((new.state)::text = ANY ((ARRAY['pending'::character varying, 'done'::character varying])::text[]))) EXECUTE FUNCTION public.tickets_ledger_follows('refund');
CREATE TRIGGER ledger_of_new AFTER INSERT ON public.tickets_studiopayment FOR EACH ROW EXECUTE FUNCTION public.tickets_ledger_follows('studio_payment');
CREATE TRIGGER login_address_proved AFTER INSERT OR UPDATE OF email, verified, user_id ON public.account_emailaddress FOR EACH ROW WHEN (new.verified) EXECUTE FUNCTION public.accounts_keep_login_address();
CREATE TRIGGER member_of_customer BEFORE INSERT OR UPDATE OF customer_id ON public.groups_member FOR EACH ROW EXECUTE FUNCTION public.groups_member_is_seen();
CREATE TRIGGER period_after_carrying BEFORE INSERT ON public.offers_usageperiod FOR EACH ROW EXECUTE FUNCTION public.offers_refuse_uncarried();
CREATE TRIGGER receipt_kept BEFORE DELETE OR UPDATE ON public.tickets_receipt FOR EACH ROW EXECUTE FUNCTION public.tickets_keep_money('customer_id');
CREATE TRIGGER receipt_line_kept BEFORE DELETE OR UPDATE ON public.tickets_receiptline FOR EACH ROW EXECUTE FUNCTION public.tickets_keep_money();
CREATE TRIGGER receipt_numbered BEFORE INSERT ON public.tickets_receipt FOR EACH ROW EXECUTE FUNCTION public.tickets_receipt_numbered();
CREATE TRIGGER receipt_wanted AFTER INSERT ON public.tickets_ledgerline FOR EACH ROW WHEN (((new.kind)::text = ANY ((ARRAY['tickets_paid'::character varying, 'tickets_refunded'::character varying, 'studio_taken'::character varying, 'studio_given_back'::character varying])::text[]))) EXECUTE FUNCTION public.tickets_receipt_wanted();
CREATE TRIGGER seat_collected AFTER INSERT ON public.tickets_studiopaymentline FOR EACH ROW EXECUTE FUNCTION public.tickets_collect_of_seat();
CREATE TRIGGER seat_owed_of_cancelled BEFORE UPDATE OF cancelled_at ON public.tickets_seat FOR EACH ROW WHEN (((new.cancelled_at IS NOT NULL) AND (old.cancelled_at IS NULL) AND ((new.owed <> 0) OR (new.collected <> 0)))) EXECUTE FUNCTION public.tickets_owed_of_cancelled();
CREATE TRIGGER standing_changed AFTER UPDATE ON public.groups_standing REFERENCING OLD TABLE AS old_rows NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION public.groups_follow_standings();
CREATE TRIGGER standing_deleted AFTER DELETE ON public.groups_standing REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.groups_follow_standings();
CREATE TRIGGER standing_opened AFTER INSERT ON public.groups_standing REFERENCING NEW TABLE AS now_rows FOR EACH STATEMENT EXECUTE FUNCTION public.groups_follow_standings();
CREATE TRIGGER studio_line_kept BEFORE DELETE OR UPDATE ON public.tickets_studiopaymentline FOR EACH ROW EXECUTE FUNCTION public.tickets_keep_money();
CREATE CONSTRAINT TRIGGER studio_payment_adds_up AFTER INSERT ON public.tickets_studiopayment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.tickets_studio_payment_adds_up('id');
CREATE CONSTRAINT TRIGGER studio_payment_adds_up AFTER INSERT ON public.tickets_studiopaymentline DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.tickets_studio_payment_adds_up('payment_id');
CREATE TRIGGER studio_payment_corrects BEFORE INSERT ON public.tickets_studiopayment FOR EACH ROW WHEN ((new.corrects_id IS NOT NULL)) EXECUTE FUNCTION public.tickets_studio_payment_corrects();
CREATE TRIGGER studio_payment_kept BEFORE DELETE OR UPDATE ON public.tickets_studiopayment FOR EACH ROW EXECUTE FUNCTION public.tickets_keep_money('customer_id', 'taken_by_id', 'note');
CREATE TRIGGER user_made AFTER INSERT ON public.accounts_user FOR EACH ROW EXECUTE FUNCTION public.accounts_keep_login_address();
CREATE TRIGGER user_readdressed AFTER UPDATE OF email ON public.accounts_user FOR EACH ROW WHEN (((old.email)::text IS DISTINCT FROM (new.email)::text)) EXECUTE FUNCTION public.accounts_keep_login_address();
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_account
    ADD CONSTRAINT accounts_account_connection_id_a47f8b24_fk_payments_ FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_account
    ADD CONSTRAINT accounts_account_opened_by_id_16a1a349_fk_accounts_user_id FOREIGN KEY (opened_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_auditentry
    ADD CONSTRAINT accounts_auditentry_account_id_95e36c79_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_auditentry
    ADD CONSTRAINT accounts_auditentry_actor_id_3237b29c_fk_accounts_user_id FOREIGN KEY (actor_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_auditobject
    ADD CONSTRAINT accounts_auditobject_account_id_a9a8b75c_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_auditobject
    ADD CONSTRAINT accounts_auditobject_entry_id_62952b6c_fk_accounts_ FOREIGN KEY (entry_id) REFERENCES public.accounts_auditentry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_customer
    ADD CONSTRAINT accounts_customer_account_id_bf91de74_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_customer
    ADD CONSTRAINT accounts_customer_contact_id_c32edfaf_fk_accounts_customer_id FOREIGN KEY (contact_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_customer
    ADD CONSTRAINT accounts_customer_user_id_11606857_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_customeraddress
    ADD CONSTRAINT accounts_customeradd_account_id_23ff3b9a_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_customeraddress
    ADD CONSTRAINT accounts_customeradd_customer_id_b10f0107_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_emailblock
    ADD CONSTRAINT accounts_emailblock_account_id_b79df3b4_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_erasure
    ADD CONSTRAINT accounts_erasure_account_id_67236d10_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_erasure
    ADD CONSTRAINT accounts_erasure_left_id_a2f4b39b_fk_accounts_customer_id FOREIGN KEY (left_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_exportfile
    ADD CONSTRAINT accounts_exportfile_account_id_66feb5db_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_exportfile
    ADD CONSTRAINT accounts_exportfile_operation_id_28c94a38_fk_accounts_ FOREIGN KEY (operation_id) REFERENCES public.accounts_operation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_exportpart
    ADD CONSTRAINT accounts_exportpart_account_id_7eddc21f_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_exportpart
    ADD CONSTRAINT accounts_exportpart_export_file_id_81bd89e4_fk_accounts_ FOREIGN KEY (export_file_id) REFERENCES public.accounts_exportfile(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_formerstripecustomer
    ADD CONSTRAINT accounts_formerstrip_account_id_e3596dee_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_formerstripecustomer
    ADD CONSTRAINT accounts_formerstrip_connection_id_78691724_fk_payments_ FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_formerstripecustomer
    ADD CONSTRAINT accounts_formerstrip_customer_id_37ec3b21_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_letter
    ADD CONSTRAINT accounts_letter_account_id_fa6cc861_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_letter
    ADD CONSTRAINT accounts_letter_mailing_id_0288aa61_fk_accounts_mailing_id FOREIGN KEY (mailing_id) REFERENCES public.accounts_mailing(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_letterquota
    ADD CONSTRAINT accounts_letterquota_account_id_41d41289_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_letterwording
    ADD CONSTRAINT accounts_letterwordi_account_id_3e5ed699_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_letterwording
    ADD CONSTRAINT accounts_letterwordi_changed_by_id_d656bbca_fk_accounts_ FOREIGN KEY (changed_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_listfile
    ADD CONSTRAINT accounts_listfile_account_id_95a4c82d_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_listfile
    ADD CONSTRAINT accounts_listfile_list_import_id_743dfd77_fk_accounts_ FOREIGN KEY (list_import_id) REFERENCES public.accounts_listimport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_listimport
    ADD CONSTRAINT accounts_listimport_account_id_79cc6251_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_listimport
    ADD CONSTRAINT accounts_listimport_operation_id_db710613_fk_accounts_ FOREIGN KEY (operation_id) REFERENCES public.accounts_operation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_listimportrow
    ADD CONSTRAINT accounts_listimportr_account_id_5efcb001_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_listimportrow
    ADD CONSTRAINT accounts_listimportr_list_import_id_7c7ff60c_fk_accounts_ FOREIGN KEY (list_import_id) REFERENCES public.accounts_listimport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_loginsession
    ADD CONSTRAINT accounts_loginsession_user_id_88028387_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_logo
    ADD CONSTRAINT accounts_logo_account_id_5497887d_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_mailing
    ADD CONSTRAINT accounts_mailing_account_id_93b4466a_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_mailing
    ADD CONSTRAINT accounts_mailing_made_by_id_db6f3900_fk_accounts_user_id FOREIGN KEY (made_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_mailing
    ADD CONSTRAINT accounts_mailing_operation_id_c49e5694_fk_accounts_operation_id FOREIGN KEY (operation_id) REFERENCES public.accounts_operation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_mailingrecipient
    ADD CONSTRAINT accounts_mailingreci_account_id_996fbb19_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_mailingrecipient
    ADD CONSTRAINT accounts_mailingreci_customer_id_1668a7c3_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_mailingrecipient
    ADD CONSTRAINT accounts_mailingreci_mailing_id_f2165e7d_fk_accounts_ FOREIGN KEY (mailing_id) REFERENCES public.accounts_mailing(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_mergedcustomer
    ADD CONSTRAINT accounts_mergedcusto_account_id_c93a3522_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_mergedcustomer
    ADD CONSTRAINT accounts_mergedcusto_customer_id_ef370523_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_operation
    ADD CONSTRAINT accounts_operation_account_id_9e40a72b_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_operation
    ADD CONSTRAINT accounts_operation_began_by_id_63f11a49_fk_accounts_user_id FOREIGN KEY (began_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_reminderstop
    ADD CONSTRAINT accounts_remindersto_account_id_0fa12046_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_retention
    ADD CONSTRAINT accounts_retention_account_id_ca4b950c_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_retention
    ADD CONSTRAINT accounts_retention_customers_by_id_7d57ca01_fk_accounts_user_id FOREIGN KEY (customers_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_schedulepage
    ADD CONSTRAINT accounts_schedulepag_account_id_d98cf974_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_staff
    ADD CONSTRAINT accounts_staff_account_id_3a0d1e37_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_staff
    ADD CONSTRAINT accounts_staff_user_id_f2ff984a_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_stripecustomer
    ADD CONSTRAINT accounts_stripecusto_account_id_12285e6c_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_stripecustomer
    ADD CONSTRAINT accounts_stripecusto_connection_id_37c7b881_fk_payments_ FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_stripecustomer
    ADD CONSTRAINT accounts_stripecusto_customer_id_4a9799e7_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_group_id_bd11a704_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_user_id_52b62117_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_p_permission_id_113bb443_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_p_user_id_e4f0a161_fk_accounts_ FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_group
    ADD CONSTRAINT groups_group_account_id_c0c73307_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_invitationlink
    ADD CONSTRAINT groups_invitationlin_account_id_dfefa929_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_invitationlink
    ADD CONSTRAINT groups_invitationlink_group_id_5cf4cf45_fk_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_joinrequest
    ADD CONSTRAINT groups_joinrequest_account_id_6dc22c6c_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_joinrequest
    ADD CONSTRAINT groups_joinrequest_customer_id_cc5403c4_fk_accounts_customer_id FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_joinrequest
    ADD CONSTRAINT groups_joinrequest_group_id_676d8840_fk_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_joinrequest
    ADD CONSTRAINT groups_joinrequest_link_id_c2816585_fk_groups_invitationlink_id FOREIGN KEY (link_id) REFERENCES public.groups_invitationlink(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_member
    ADD CONSTRAINT groups_member_account_id_75e09982_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_member
    ADD CONSTRAINT groups_member_customer_id_8c0438c2_fk_accounts_customer_id FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_member
    ADD CONSTRAINT groups_member_group_id_fc8e1db6_fk_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_memberchange
    ADD CONSTRAINT groups_memberchange_account_id_ca3fd0b0_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_memberchange
    ADD CONSTRAINT groups_memberchange_group_id_e8d5a314_fk_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_memberchange
    ADD CONSTRAINT groups_memberchange_operation_id_bc21a133_fk_accounts_ FOREIGN KEY (operation_id) REFERENCES public.accounts_operation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_memberchange
    ADD CONSTRAINT groups_memberchange_target_id_f51994a9_fk_groups_group_id FOREIGN KEY (target_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_memberchangerow
    ADD CONSTRAINT groups_memberchanger_account_id_f5bcd020_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_memberchangerow
    ADD CONSTRAINT groups_memberchanger_change_id_0bd62970_fk_groups_me FOREIGN KEY (change_id) REFERENCES public.groups_memberchange(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_memberchangerow
    ADD CONSTRAINT groups_memberchanger_standing_id_0a70a7ff_fk_groups_st FOREIGN KEY (standing_id) REFERENCES public.groups_standing(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_memberchangerow
    ADD CONSTRAINT groups_memberchangerow_member_id_54f4f80c_fk_groups_member_id FOREIGN KEY (member_id) REFERENCES public.groups_member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_pastedlist
    ADD CONSTRAINT groups_pastedlist_account_id_fa961ad7_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_pastedlist
    ADD CONSTRAINT groups_pastedlist_group_id_3714ca02_fk_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_pastedlist
    ADD CONSTRAINT groups_pastedlist_operation_id_146ffbc5_fk_accounts_ FOREIGN KEY (operation_id) REFERENCES public.accounts_operation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_pastedpart
    ADD CONSTRAINT groups_pastedpart_account_id_fb1d4d5a_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_pastedpart
    ADD CONSTRAINT groups_pastedpart_pasted_list_id_6f0b8dad_fk_groups_pa FOREIGN KEY (pasted_list_id) REFERENCES public.groups_pastedlist(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_standing
    ADD CONSTRAINT groups_standing_account_id_e633ea6b_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.groups_standing
    ADD CONSTRAINT groups_standing_member_id_6deff895_fk_groups_member_id FOREIGN KEY (member_id) REFERENCES public.groups_member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_difference
    ADD CONSTRAINT memberships_differen_account_id_a0accad7_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_difference
    ADD CONSTRAINT memberships_differen_subscription_id_5f394cc3_fk_membershi FOREIGN KEY (subscription_id) REFERENCES public.memberships_subscription(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_invoice
    ADD CONSTRAINT memberships_invoice_account_id_b71b893f_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_invoice
    ADD CONSTRAINT memberships_invoice_subscription_id_0a814cd4_fk_membershi FOREIGN KEY (subscription_id) REFERENCES public.memberships_subscription(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_leftout
    ADD CONSTRAINT memberships_leftout_account_id_8c493156_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_leftout
    ADD CONSTRAINT memberships_leftout_list_import_id_e48ecf85_fk_accounts_ FOREIGN KEY (list_import_id) REFERENCES public.accounts_listimport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_membership
    ADD CONSTRAINT memberships_membersh_account_id_b3422a92_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_membership_pages
    ADD CONSTRAINT memberships_membersh_membership_id_3314f462_fk_membershi FOREIGN KEY (membership_id) REFERENCES public.memberships_membership(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_membership_pages
    ADD CONSTRAINT memberships_membersh_schedulepage_id_04993d09_fk_accounts_ FOREIGN KEY (schedulepage_id) REFERENCES public.accounts_schedulepage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_membership
    ADD CONSTRAINT memberships_membership_group_id_8fc7e0f8_fk_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_milestone
    ADD CONSTRAINT memberships_mileston_account_id_54bb9959_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_milestone
    ADD CONSTRAINT memberships_mileston_subscription_id_6e95653c_fk_membershi FOREIGN KEY (subscription_id) REFERENCES public.memberships_subscription(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_price
    ADD CONSTRAINT memberships_price_account_id_b47ec413_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_price
    ADD CONSTRAINT memberships_price_membership_id_aa904f2c_fk_membershi FOREIGN KEY (membership_id) REFERENCES public.memberships_membership(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_subscription
    ADD CONSTRAINT memberships_subscrip_account_id_a8bcb543_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_subscription
    ADD CONSTRAINT memberships_subscrip_customer_id_ea66ab66_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_subscription
    ADD CONSTRAINT memberships_subscrip_membership_id_442803fa_fk_membershi FOREIGN KEY (membership_id) REFERENCES public.memberships_membership(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_subscription
    ADD CONSTRAINT memberships_subscrip_page_id_0cbefd03_fk_accounts_ FOREIGN KEY (page_id) REFERENCES public.accounts_schedulepage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.memberships_subscription
    ADD CONSTRAINT memberships_subscrip_price_id_635f14f3_fk_membershi FOREIGN KEY (price_id) REFERENCES public.memberships_price(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_extrauses
    ADD CONSTRAINT offers_extrauses_account_id_f6962f37_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_extrauses
    ADD CONSTRAINT offers_extrauses_member_id_e25609a0_fk_groups_member_id FOREIGN KEY (member_id) REFERENCES public.groups_member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_extrauses
    ADD CONSTRAINT offers_extrauses_period_id_ad470a27_fk_offers_usageperiod_id FOREIGN KEY (period_id) REFERENCES public.offers_usageperiod(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_offer
    ADD CONSTRAINT offers_offer_account_id_adf1e2b5_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_offer
    ADD CONSTRAINT offers_offer_group_id_5ce52b45_fk_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_offer
    ADD CONSTRAINT offers_offer_replaces_id_e30f367f_fk_offers_offer_id FOREIGN KEY (replaces_id) REFERENCES public.offers_offer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_offeruse
    ADD CONSTRAINT offers_offeruse_account_id_ab12c423_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_offeruse
    ADD CONSTRAINT offers_offeruse_period_id_8ed00dc8_fk_offers_usageperiod_id FOREIGN KEY (period_id) REFERENCES public.offers_usageperiod(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_usageperiod
    ADD CONSTRAINT offers_usageperiod_account_id_33188c17_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_usageperiod
    ADD CONSTRAINT offers_usageperiod_member_id_14d9b866_fk_groups_member_id FOREIGN KEY (member_id) REFERENCES public.groups_member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.offers_usageperiod
    ADD CONSTRAINT offers_usageperiod_offer_id_2da99630_fk_offers_offer_id FOREIGN KEY (offer_id) REFERENCES public.offers_offer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.payments_comparison
    ADD CONSTRAINT payments_comparison_connection_id_d7c386be_fk_payments_ FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.payments_endpointsecret
    ADD CONSTRAINT payments_endpointsec_connection_id_83554e53_fk_payments_ FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.payments_erasedatstripe
    ADD CONSTRAINT payments_erasedatstr_connection_id_59dfebd6_fk_payments_ FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.payments_stripeevent
    ADD CONSTRAINT payments_stripeevent_connection_id_86edd27b_fk_payments_ FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_attendance
    ADD CONSTRAINT tickets_attendance_account_id_ced6c513_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_attendance
    ADD CONSTRAINT tickets_attendance_marked_by_id_d0f9b24e_fk_accounts_user_id FOREIGN KEY (marked_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_attendance
    ADD CONSTRAINT tickets_attendance_seat_id_cc4dfd40_fk_tickets_seat_id FOREIGN KEY (seat_id) REFERENCES public.tickets_seat(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_account_id_27c3ee1d_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_customer_id_ecfda2ec_fk_accounts_customer_id FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_discount_code_id_1e62dec2_fk_tickets_d FOREIGN KEY (discount_code_id) REFERENCES public.tickets_discountcode(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_filled_by_id_3b2f8488_fk_accounts_user_id FOREIGN KEY (filled_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_membership_price_id_e39781b2_fk_membershi FOREIGN KEY (membership_price_id) REFERENCES public.memberships_price(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_page_id_7cc715a8_fk_accounts_schedulepage_id FOREIGN KEY (page_id) REFERENCES public.accounts_schedulepage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_booking
    ADD CONSTRAINT tickets_booking_purchase_id_86cfecc1_fk_membershi FOREIGN KEY (purchase_id) REFERENCES public.memberships_subscription(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_codecoverage
    ADD CONSTRAINT tickets_codecoverage_account_id_eaba74fa_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_codecoverage
    ADD CONSTRAINT tickets_codecoverage_code_id_4dde744d_fk_tickets_d FOREIGN KEY (code_id) REFERENCES public.tickets_discountcode(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_codecoverage
    ADD CONSTRAINT tickets_codecoverage_page_id_718ed0ea_fk_accounts_ FOREIGN KEY (page_id) REFERENCES public.accounts_schedulepage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_codecoverage
    ADD CONSTRAINT tickets_codecoverage_ticket_id_85b977df_fk_tickets_ticket_id FOREIGN KEY (ticket_id) REFERENCES public.tickets_ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_codecustomer
    ADD CONSTRAINT tickets_codecustomer_code_id_564daf5d_fk_tickets_d FOREIGN KEY (code_id) REFERENCES public.tickets_discountcode(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_codecustomer
    ADD CONSTRAINT tickets_codecustomer_customer_id_faa93646_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_coderedemption
    ADD CONSTRAINT tickets_coderedempti_account_id_5a2dd7b6_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_coderedemption
    ADD CONSTRAINT tickets_coderedempti_booking_id_abc91916_fk_tickets_b FOREIGN KEY (booking_id) REFERENCES public.tickets_booking(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_coderedemption
    ADD CONSTRAINT tickets_coderedempti_code_id_4d5c6fff_fk_tickets_d FOREIGN KEY (code_id) REFERENCES public.tickets_discountcode(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_coderedemption
    ADD CONSTRAINT tickets_coderedempti_customer_id_61785070_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_codeuses
    ADD CONSTRAINT tickets_codeuses_code_id_4e102ce8_fk_tickets_discountcode_id FOREIGN KEY (code_id) REFERENCES public.tickets_discountcode(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_coverage
    ADD CONSTRAINT tickets_coverage_account_id_ab45669d_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_coverage
    ADD CONSTRAINT tickets_coverage_offer_id_b7f21362_fk_offers_offer_id FOREIGN KEY (offer_id) REFERENCES public.offers_offer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_coverage
    ADD CONSTRAINT tickets_coverage_page_id_da666269_fk_accounts_schedulepage_id FOREIGN KEY (page_id) REFERENCES public.accounts_schedulepage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_coverage
    ADD CONSTRAINT tickets_coverage_ticket_id_703a067a_fk_tickets_ticket_id FOREIGN KEY (ticket_id) REFERENCES public.tickets_ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_discountcode
    ADD CONSTRAINT tickets_discountcode_account_id_f0c285ba_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_dispute
    ADD CONSTRAINT tickets_dispute_account_id_555019ef_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_dispute
    ADD CONSTRAINT tickets_dispute_connection_id_c5f80844_fk_payments_ FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_dispute
    ADD CONSTRAINT tickets_dispute_invoice_id_0dc6e10e_fk_memberships_invoice_id FOREIGN KEY (invoice_id) REFERENCES public.memberships_invoice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_dispute
    ADD CONSTRAINT tickets_dispute_payment_id_0accd674_fk_tickets_payment_id FOREIGN KEY (payment_id) REFERENCES public.tickets_payment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entry
    ADD CONSTRAINT tickets_entry_account_id_8d11ee2f_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entry
    ADD CONSTRAINT tickets_entry_page_id_a0b9e406_fk_accounts_schedulepage_id FOREIGN KEY (page_id) REFERENCES public.accounts_schedulepage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entry
    ADD CONSTRAINT tickets_entry_picture_id_bcde64b7_fk_tickets_picture_id FOREIGN KEY (picture_id) REFERENCES public.tickets_picture(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entry
    ADD CONSTRAINT tickets_entry_series_id_934097ff_fk_tickets_series_id FOREIGN KEY (series_id) REFERENCES public.tickets_series(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entry
    ADD CONSTRAINT tickets_entry_venue_id_04fff9f9_fk_tickets_location_id FOREIGN KEY (venue_id) REFERENCES public.tickets_location(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entrycancellation
    ADD CONSTRAINT tickets_entrycancell_account_id_a9b16ba5_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entrycancellation
    ADD CONSTRAINT tickets_entrycancellation_entry_id_3c5f639b_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entryleader
    ADD CONSTRAINT tickets_entryleader_account_id_ec483cf3_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entryleader
    ADD CONSTRAINT tickets_entryleader_entry_id_139e7216_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entryleader
    ADD CONSTRAINT tickets_entryleader_leader_id_c0b4cf28_fk_tickets_leader_id FOREIGN KEY (leader_id) REFERENCES public.tickets_leader(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entryleader
    ADD CONSTRAINT tickets_entryleader_page_id_2f5ed772_fk_accounts_ FOREIGN KEY (page_id) REFERENCES public.accounts_schedulepage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entryoverride
    ADD CONSTRAINT tickets_entryoverride_entry_id_d1da9e2b_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entryplaces
    ADD CONSTRAINT tickets_entryplaces_entry_id_2fb2988a_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entryreminder
    ADD CONSTRAINT tickets_entryreminde_account_id_7f3bd4b7_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entryreminder
    ADD CONSTRAINT tickets_entryreminder_entry_id_fad18bbc_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entrytag
    ADD CONSTRAINT tickets_entrytag_account_id_4d66e19a_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entrytag
    ADD CONSTRAINT tickets_entrytag_entry_id_410fb0ae_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entrytag
    ADD CONSTRAINT tickets_entrytag_page_id_8779c812_fk_accounts_schedulepage_id FOREIGN KEY (page_id) REFERENCES public.accounts_schedulepage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_entrytag
    ADD CONSTRAINT tickets_entrytag_tag_id_8a722992_fk_tickets_tag_id FOREIGN KEY (tag_id) REFERENCES public.tickets_tag(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_finding
    ADD CONSTRAINT tickets_finding_account_id_196ab058_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_finding
    ADD CONSTRAINT tickets_finding_customer_id_fedd474e_fk_accounts_customer_id FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_finding
    ADD CONSTRAINT tickets_finding_entry_id_ab9e52fb_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_finding
    ADD CONSTRAINT tickets_finding_group_id_21be8274_fk_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_importedseat
    ADD CONSTRAINT tickets_importedseat_account_id_ed4d6199_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_importedseat
    ADD CONSTRAINT tickets_importedseat_seat_id_df7987e1_fk_tickets_seat_id FOREIGN KEY (seat_id) REFERENCES public.tickets_seat(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_invoicerefund
    ADD CONSTRAINT tickets_invoicerefun_account_id_fbacbd93_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_invoicerefund
    ADD CONSTRAINT tickets_invoicerefun_invoice_id_660de891_fk_membershi FOREIGN KEY (invoice_id) REFERENCES public.memberships_invoice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_leader
    ADD CONSTRAINT tickets_leader_account_id_afb1bcd8_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_leader
    ADD CONSTRAINT tickets_leader_staff_id_ffbe6ebc_fk_accounts_staff_id FOREIGN KEY (staff_id) REFERENCES public.accounts_staff(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ledgerline
    ADD CONSTRAINT tickets_ledgerline_account_id_02c0672e_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ledgerline
    ADD CONSTRAINT tickets_ledgerline_customer_id_5d539f55_fk_accounts_customer_id FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ledgerline
    ADD CONSTRAINT tickets_ledgerline_dispute_id_2fa65f29_fk_tickets_dispute_id FOREIGN KEY (dispute_id) REFERENCES public.tickets_dispute(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ledgerline
    ADD CONSTRAINT tickets_ledgerline_invoice_id_9aeb2907_fk_membershi FOREIGN KEY (invoice_id) REFERENCES public.memberships_invoice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ledgerline
    ADD CONSTRAINT tickets_ledgerline_invoice_refund_id_c445a98b_fk_tickets_i FOREIGN KEY (invoice_refund_id) REFERENCES public.tickets_invoicerefund(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ledgerline
    ADD CONSTRAINT tickets_ledgerline_payment_id_df18f1d6_fk_tickets_payment_id FOREIGN KEY (payment_id) REFERENCES public.tickets_payment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ledgerline
    ADD CONSTRAINT tickets_ledgerline_refund_id_928b6f42_fk_tickets_refund_id FOREIGN KEY (refund_id) REFERENCES public.tickets_refund(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ledgerline
    ADD CONSTRAINT tickets_ledgerline_studio_payment_id_b20314dc_fk_tickets_s FOREIGN KEY (studio_payment_id) REFERENCES public.tickets_studiopayment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_location
    ADD CONSTRAINT tickets_location_account_id_412fc63b_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_movenotice
    ADD CONSTRAINT tickets_movenotice_account_id_1fb016c7_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_movenotice
    ADD CONSTRAINT tickets_movenotice_booking_id_aeb2393b_fk_tickets_booking_id FOREIGN KEY (booking_id) REFERENCES public.tickets_booking(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_movenotice
    ADD CONSTRAINT tickets_movenotice_entry_id_99abee42_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_movenotice
    ADD CONSTRAINT tickets_movenotice_operation_id_67b7e89c_fk_accounts_ FOREIGN KEY (operation_id) REFERENCES public.accounts_operation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_party
    ADD CONSTRAINT tickets_party_customer_id_ef629638_fk_accounts_customer_id FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_party
    ADD CONSTRAINT tickets_party_entry_id_c0f5e58e_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_payment
    ADD CONSTRAINT tickets_payment_account_id_bcb6b6cc_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_payment
    ADD CONSTRAINT tickets_payment_booking_id_f9481da7_fk_tickets_booking_id FOREIGN KEY (booking_id) REFERENCES public.tickets_booking(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_payment
    ADD CONSTRAINT tickets_payment_connection_id_6eedbff3_fk_payments_ FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_payment
    ADD CONSTRAINT tickets_payment_purchase_id_ec743ace_fk_membershi FOREIGN KEY (purchase_id) REFERENCES public.memberships_subscription(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_payout
    ADD CONSTRAINT tickets_payout_account_id_2c4b66ec_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_payout
    ADD CONSTRAINT tickets_payout_connection_id_5b680dd6_fk_payments_connection_id FOREIGN KEY (connection_id) REFERENCES public.payments_connection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_payoutline
    ADD CONSTRAINT tickets_payoutline_account_id_03a97942_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_payoutline
    ADD CONSTRAINT tickets_payoutline_ledger_line_id_4941b609_fk_tickets_l FOREIGN KEY (ledger_line_id) REFERENCES public.tickets_ledgerline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_payoutline
    ADD CONSTRAINT tickets_payoutline_payout_id_7a0a5f6f_fk_tickets_payout_id FOREIGN KEY (payout_id) REFERENCES public.tickets_payout(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_picture
    ADD CONSTRAINT tickets_picture_account_id_4e76838c_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receipt
    ADD CONSTRAINT tickets_receipt_account_id_f97b8bbd_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receipt
    ADD CONSTRAINT tickets_receipt_credits_id_b20e5a10_fk_tickets_receipt_id FOREIGN KEY (credits_id) REFERENCES public.tickets_receipt(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receipt
    ADD CONSTRAINT tickets_receipt_customer_id_2c31e8ef_fk_accounts_customer_id FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receipt
    ADD CONSTRAINT tickets_receipt_line_id_69284f0d_fk_tickets_ledgerline_id FOREIGN KEY (line_id) REFERENCES public.tickets_ledgerline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receipt
    ADD CONSTRAINT tickets_receipt_payment_id_acadd94f_fk_tickets_payment_id FOREIGN KEY (payment_id) REFERENCES public.tickets_payment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receiptcounter
    ADD CONSTRAINT tickets_receiptcount_account_id_ec01a9e2_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receiptdue
    ADD CONSTRAINT tickets_receiptdue_account_id_7249175e_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receiptdue
    ADD CONSTRAINT tickets_receiptdue_line_id_9b2a9616_fk_tickets_ledgerline_id FOREIGN KEY (line_id) REFERENCES public.tickets_ledgerline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receiptline
    ADD CONSTRAINT tickets_receiptline_account_id_879eaa32_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receiptline
    ADD CONSTRAINT tickets_receiptline_receipt_id_69c7434a_fk_tickets_receipt_id FOREIGN KEY (receipt_id) REFERENCES public.tickets_receipt(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receiptline
    ADD CONSTRAINT tickets_receiptline_seat_id_6de311b9_fk_tickets_seat_id FOREIGN KEY (seat_id) REFERENCES public.tickets_seat(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receiptsettings
    ADD CONSTRAINT tickets_receiptsetti_account_id_7e6657e8_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_receiptsettings
    ADD CONSTRAINT tickets_receiptsetti_default_rate_id_73c1db18_fk_tickets_v FOREIGN KEY (default_rate_id) REFERENCES public.tickets_vatrate(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_refund
    ADD CONSTRAINT tickets_refund_account_id_55356159_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_refund
    ADD CONSTRAINT tickets_refund_by_id_07281072_fk_accounts_user_id FOREIGN KEY (by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_refund
    ADD CONSTRAINT tickets_refund_payment_id_dd8f86f8_fk_tickets_payment_id FOREIGN KEY (payment_id) REFERENCES public.tickets_payment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_refundedseat
    ADD CONSTRAINT tickets_refundedseat_account_id_02faa73c_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_refundedseat
    ADD CONSTRAINT tickets_refundedseat_refund_id_cae3ecda_fk_tickets_refund_id FOREIGN KEY (refund_id) REFERENCES public.tickets_refund(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_refundedseat
    ADD CONSTRAINT tickets_refundedseat_seat_id_2af79e21_fk_tickets_seat_id FOREIGN KEY (seat_id) REFERENCES public.tickets_seat(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_release
    ADD CONSTRAINT tickets_release_account_id_e2b45fce_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_release
    ADD CONSTRAINT tickets_release_member_id_7ce7b1c3_fk_groups_member_id FOREIGN KEY (member_id) REFERENCES public.groups_member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_account_id_748bd0fa_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_booking_id_c94a7872_fk_tickets_booking_id FOREIGN KEY (booking_id) REFERENCES public.tickets_booking(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_customer_id_e9c2be93_fk_accounts_customer_id FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_discount_code_id_7c32c866_fk_tickets_d FOREIGN KEY (discount_code_id) REFERENCES public.tickets_discountcode(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_discount_id_2d775183_fk_offers_offer_id FOREIGN KEY (discount_id) REFERENCES public.offers_offer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_discount_use_id_028d7159_fk_offers_offeruse_id FOREIGN KEY (discount_use_id) REFERENCES public.offers_offeruse(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_entry_id_65fea030_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_moved_from_id_195771ff_fk_tickets_entry_id FOREIGN KEY (moved_from_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_payment_id_b35b65b6_fk_tickets_payment_id FOREIGN KEY (payment_id) REFERENCES public.tickets_payment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_self_attendee_id_0f16086e_fk_accounts_customer_id FOREIGN KEY (self_attendee_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_ticket_id_0b510a25_fk_tickets_ticket_id FOREIGN KEY (ticket_id) REFERENCES public.tickets_ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seat
    ADD CONSTRAINT tickets_seat_use_id_6183eb07_fk_offers_offeruse_id FOREIGN KEY (use_id) REFERENCES public.offers_offeruse(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_series
    ADD CONSTRAINT tickets_series_account_id_4358a8e3_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_series
    ADD CONSTRAINT tickets_series_page_id_f9fb5dfa_fk_accounts_schedulepage_id FOREIGN KEY (page_id) REFERENCES public.accounts_schedulepage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_series
    ADD CONSTRAINT tickets_series_split_from_id_c9e822ff_fk_tickets_series_id FOREIGN KEY (split_from_id) REFERENCES public.tickets_series(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_seriesdate
    ADD CONSTRAINT tickets_seriesdate_series_id_de503801_fk_tickets_series_id FOREIGN KEY (series_id) REFERENCES public.tickets_series(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_studiopaymentline
    ADD CONSTRAINT tickets_studiopaymen_account_id_9d4e56f5_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_studiopayment
    ADD CONSTRAINT tickets_studiopaymen_account_id_e6e6f64e_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_studiopayment
    ADD CONSTRAINT tickets_studiopaymen_corrects_id_9f9807fc_fk_tickets_s FOREIGN KEY (corrects_id) REFERENCES public.tickets_studiopayment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_studiopayment
    ADD CONSTRAINT tickets_studiopaymen_customer_id_3030971c_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_studiopaymentline
    ADD CONSTRAINT tickets_studiopaymen_payment_id_19f328b9_fk_tickets_s FOREIGN KEY (payment_id) REFERENCES public.tickets_studiopayment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_studiopayment
    ADD CONSTRAINT tickets_studiopayment_taken_by_id_bbec38ec_fk_accounts_user_id FOREIGN KEY (taken_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_studiopaymentline
    ADD CONSTRAINT tickets_studiopaymentline_seat_id_61e535bb_fk_tickets_seat_id FOREIGN KEY (seat_id) REFERENCES public.tickets_seat(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_tag
    ADD CONSTRAINT tickets_tag_account_id_26098ac9_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ticket
    ADD CONSTRAINT tickets_ticket_account_id_91e3d17e_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ticket_groups
    ADD CONSTRAINT tickets_ticket_groups_group_id_ba657a7e_fk_groups_group_id FOREIGN KEY (group_id) REFERENCES public.groups_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ticket_groups
    ADD CONSTRAINT tickets_ticket_groups_ticket_id_a6757644_fk_tickets_ticket_id FOREIGN KEY (ticket_id) REFERENCES public.tickets_ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ticket
    ADD CONSTRAINT tickets_ticket_series_id_bf61891d_fk_tickets_series_id FOREIGN KEY (series_id) REFERENCES public.tickets_series(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ticket
    ADD CONSTRAINT tickets_ticket_split_from_id_7158832a_fk_tickets_ticket_id FOREIGN KEY (split_from_id) REFERENCES public.tickets_ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ticket
    ADD CONSTRAINT tickets_ticket_vat_rate_id_e261eaad_fk_tickets_vatrate_id FOREIGN KEY (vat_rate_id) REFERENCES public.tickets_vatrate(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ticketplaces
    ADD CONSTRAINT tickets_ticketplaces_entry_id_5c0933c6_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_ticketplaces
    ADD CONSTRAINT tickets_ticketplaces_ticket_id_43d7bcf3_fk_tickets_ticket_id FOREIGN KEY (ticket_id) REFERENCES public.tickets_ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_vatrate
    ADD CONSTRAINT tickets_vatrate_account_id_ccffc7ef_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_waitlistalternative
    ADD CONSTRAINT tickets_waitlistalte_account_id_92b640a7_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_waitlistalternative
    ADD CONSTRAINT tickets_waitlistalte_entry_id_858dc4aa_fk_tickets_e FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_waitlistalternative
    ADD CONSTRAINT tickets_waitlistalte_request_id_8dbd7424_fk_tickets_w FOREIGN KEY (request_id) REFERENCES public.tickets_waitlistrequest(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_waitlistalternative
    ADD CONSTRAINT tickets_waitlistalte_ticket_id_91365ce0_fk_tickets_t FOREIGN KEY (ticket_id) REFERENCES public.tickets_ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_waitlistrequest
    ADD CONSTRAINT tickets_waitlistrequ_account_id_5bbcdbfd_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_waitlistrequest
    ADD CONSTRAINT tickets_waitlistrequ_customer_id_1fdc022d_fk_accounts_ FOREIGN KEY (customer_id) REFERENCES public.accounts_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_waitlistrequest
    ADD CONSTRAINT tickets_waitlistrequest_entry_id_97b0c750_fk_tickets_entry_id FOREIGN KEY (entry_id) REFERENCES public.tickets_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_waitlistrequest
    ADD CONSTRAINT tickets_waitlistrequest_hold_id_14d9760f_fk_tickets_booking_id FOREIGN KEY (hold_id) REFERENCES public.tickets_booking(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.tickets_waitlistrequest
    ADD CONSTRAINT tickets_waitlistrequest_ticket_id_c283ade0_fk_tickets_ticket_id FOREIGN KEY (ticket_id) REFERENCES public.tickets_ticket(id) DEFERRABLE INITIALLY DEFERRED;
