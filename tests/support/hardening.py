"""The checklist of what hardens a telephone gateway, row by row, and the tests that hold each row.

Many run on real sockets, in `test_hardened_gateway`; the page docs/security.md says the same for readers.
"""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ("ROWS",)

ROWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "signatures are checked, and without a key nothing is believed": (
            "tests/safety/test_hardened_gateway.py::test_a_webhook_is_believed_for_its_signature_and_for_nothing_else",
            "tests/safety/test_hardened_gateway.py::test_a_real_carriers_gateway_does_not_start_in_an_unsafe_place",
            "tests/adapters/carriers/telnyx/test_signature.py::test_without_a_key_nothing_is_believed",
            "tests/adapters/carriers/plivo/test_signature.py::test_without_a_token_nothing_is_authentic",
            "tests/entrypoints/http/test_webhook_gate.py::test_whoever_does_not_know_the_secret_path_finds_nothing",
            "tests/contracts/test_settings_exposure.py::test_unsigned_webhooks_are_refused_behind_a_tunnel",
        ),
        "secrets are compared in constant time": (
            "tests/safety/test_gateway_and_its_carrier.py::test_a_proof_of_any_length_is_refused_alike",
            "tests/architecture/test_comparisons.py::test_what_proves_a_sender_is_compared_in_constant_time",
            "tests/adapters/carriers/telnyx/test_signature.py::test_a_signature_of_another_length_is_refused",
            "tests/adapters/transports/test_stream_tokens.py::test_no_token_can_be_read_out_of_the_desk",
        ),
        "a replay changes nothing": (
            "tests/safety/test_hardened_gateway.py::test_a_replayed_webhook_gets_the_first_answer_and_changes_nothing",
            "tests/entrypoints/http/test_replay.py::test_an_answer_is_given_again_for_ten_minutes",
            "tests/entrypoints/http/test_replay.py::test_the_oldest_of_ten_thousand_answers_makes_room",
            "tests/entrypoints/http/test_webhook_gate.py::test_a_webhook_that_could_not_be_kept_is_processed_when_it_is_told_again",
            "tests/adapters/carriers/twilio/test_signature.py::test_the_key_is_made_of_what_was_signed_and_of_nothing_else",
        ),
        "time stamps may be five minutes off": (
            "tests/safety/test_time_stamps.py::test_a_signed_time_stamp_may_be_five_minutes_off_either_way",
            "tests/adapters/carriers/telnyx/test_signature.py::test_five_minutes_either_way_are_allowed_and_a_second_more_is_not",
        ),
        "bodies are bounded and unsigned ones unread": (
            "tests/safety/test_hardened_gateway.py::test_an_unsigned_webhook_is_refused_before_its_body_comes",
            "tests/safety/test_hardened_gateway.py::test_a_body_beyond_64_kibibytes_is_refused",
            "tests/safety/test_hardened_gateway.py::test_a_ninth_request_of_one_address_at_a_time_is_told_to_come_later",
            "tests/entrypoints/http/test_webhook_gate.py::test_a_body_that_takes_more_than_five_seconds_is_408",
        ),
        "one path, one method": (
            "tests/safety/test_hardened_gateway.py::test_the_public_listener_has_one_path_and_one_method",
            "tests/safety/test_hardened_gateway.py::test_a_media_stream_without_its_token_is_refused_in_the_handshake",
        ),
        "forwarded headers are not believed": (
            "tests/safety/test_hardened_gateway.py::test_a_header_does_not_choose_the_url_that_a_signature_is_for",
            "tests/entrypoints/http/test_public_url.py::test_trusted_proxies_narrow_the_trust",
            "tests/entrypoints/http/test_public_url.py::test_no_headers_whatever_name_another_scheme_or_raise",
            "tests/adapters/transports/test_client_address.py::test_what_the_client_itself_wrote_counts_for_nothing",
        ),
        "streams have a token of their own": (
            "tests/safety/test_streams_of_strangers.py::test_a_token_is_long_random_of_one_call_and_good_once",
            "tests/safety/test_hardened_gateway.py::test_a_media_stream_without_its_token_is_refused_in_the_handshake",
            "tests/adapters/transports/test_stream_tokens.py::test_a_token_is_128_bits_that_a_path_may_hold",
            "tests/adapters/transports/test_stream_tokens.py::test_a_token_is_good_once",
            "tests/adapters/transports/test_stream_tokens.py::test_a_token_lives_sixty_seconds",
            "tests/adapters/transports/test_media_server.py::test_a_start_that_names_another_call_is_a_violation",
        ),
        "streams are limited": (
            "tests/safety/test_streams_of_strangers.py::test_a_stream_that_breaks_a_rule_is_closed",
            "tests/safety/test_streams_of_strangers.py::test_an_address_has_four_streams_without_a_start_and_each_of_them_a_moment",
            "tests/adapters/transports/test_media_server.py::test_what_is_beyond_a_cap_is_told_to_come_back_and_keeps_its_token",
            "tests/adapters/transports/test_media_server.py::test_a_stream_without_a_start_is_closed_and_leaves_its_place",
            "tests/adapters/transports/test_media_server.py::test_a_message_beyond_64_kib_closes_with_1009",
            "tests/adapters/transports/test_media_server.py::test_a_second_start_is_a_violation_and_ends_the_stream_once",
            "tests/adapters/transports/test_media_server.py::test_a_far_end_that_does_not_read_loses_the_stream_and_not_our_memory",
        ),
        "a number is no identity": (
            "tests/safety/test_gateway_and_its_carrier.py::test_a_model_hears_of_a_caller_as_a_claim_gets_no_tool_and_its_rules_are_not_the_callers",
            "tests/safety/test_strangers.py::test_a_callers_number_is_told_to_a_model_as_a_claim_and_never_as_who_they_are",
            "tests/safety/test_strangers.py::test_what_a_caller_says_is_never_part_of_the_rules",
            "tests/adapters/responders/test_prompts.py::test_the_prompt_asks_for_short_spoken_sentences_without_markup_and_gives_no_tool",
        ),
        "callers are matched exactly": (
            "tests/safety/test_hardened_gateway.py::test_a_caller_who_looks_like_a_friend_is_rejected_without_an_answer",
            "tests/domain/test_inbound_policy.py::test_a_beginning_or_an_end_of_a_listed_number_is_not_that_number",
            "tests/journeys/test_calls_to_us.py::test_whoever_may_not_call_is_never_answered_and_costs_nothing",
        ),
        "our requests go where the settings say": (
            "tests/safety/test_gateway_and_its_carrier.py::test_a_carrier_that_sends_us_elsewhere_is_not_followed",
            "tests/adapters/transports/test_http_client.py::test_a_redirection_is_not_followed",
            "tests/adapters/transports/test_http_client.py::test_what_is_no_web_address_is_refused_at_once",
        ),
        "no key of a document becomes an attribute": (
            "tests/safety/test_gateway_and_its_carrier.py::test_no_name_of_a_field_becomes_an_attribute",
            "tests/contracts/test_settings_anything.py::test_any_json_is_read_without_an_error",
            "tests/contracts/test_settings_spellings.py::test_keys_that_change_every_object_are_dropped_at_any_depth",
        ),
        "text cannot become markup": (
            "tests/safety/test_gateway_and_its_carrier.py::test_no_text_becomes_a_command_to_the_carrier",
            "tests/adapters/carriers/twilio/test_twiml.py::test_any_text_reaches_the_voice_as_it_was_but_for_what_xml_cannot_hold",
            "tests/adapters/carriers/twilio/test_twiml.py::test_any_query_survives_in_an_address",
            "tests/adapters/carriers/plivo/test_markup.py::test_any_text_reaches_the_voice_as_it_was_but_for_what_xml_cannot_hold",
        ),
        "secrets, numbers and words stay inside": (
            "tests/safety/test_canaries.py::test_a_gateway_shows_no_canary_that_was_planted",
            "tests/safety/test_canaries.py::test_a_switch_of_the_log_shows_that_and_nothing_else",
            "tests/safety/test_canaries.py::test_what_is_told_of_a_crash_shows_no_canary",
            "tests/safety/test_canaries.py::test_no_object_and_no_log_of_a_running_call_shows_a_secret",
            "tests/architecture/test_processes.py::test_no_argument_of_a_program_is_a_secret",
            "tests/adapters/tunnels/test_ngrok.py::test_it_is_told_the_token_by_its_environment_and_nothing_of_ours",
            "tests/contracts/test_settings_secrets.py::test_settings_full_of_secrets_show_none",
        ),
        "nobody forges a line of the log": (
            "tests/safety/test_gateway_and_its_carrier.py::test_a_name_that_no_carrier_gives_a_call_makes_no_record",
            "tests/safety/test_hardened_gateway.py::test_nobody_writes_a_second_line_into_the_log",
            "tests/entrypoints/test_logs.py::test_one_record_is_one_line_whatever_a_stranger_wrote",
        ),
        "everything that grows is bounded": (
            "tests/entrypoints/http/test_replay.py::test_expired_answers_do_not_pile_up",
            "tests/adapters/transports/test_stream_tokens.py::test_a_flood_of_tokens_forgets_the_oldest",
            "tests/entrypoints/http/test_private_gate.py::test_failures_of_at_most_4096_addresses_are_remembered",
            "tests/adapters/transports/test_incoming_frames.py::test_any_bytes_are_taken_or_refused_and_never_pile_up",
        ),
        "a real carrier needs a public address": (
            "tests/safety/test_hardened_gateway.py::test_a_real_carriers_gateway_does_not_start_in_an_unsafe_place",
            "tests/entrypoints/test_exposure.py::test_a_real_carrier_does_not_start_without_a_way_in",
        ),
        "the dial policy holds on every way": (
            "tests/safety/test_gateway_and_its_carrier.py::test_a_denied_call_and_a_denied_transfer_ask_nothing_of_the_carrier_and_the_record_tells",
            "tests/safety/test_dial_policy.py::test_nothing_that_is_asked_or_happens_reaches_a_number_that_the_policy_denies",
            "tests/safety/test_dial_policy.py::test_a_denied_transfer_reaches_no_carrier_is_kept_in_the_record_and_the_call_lives_on",
            "tests/safety/test_dial_policy.py::test_the_verdict_on_a_transfer_is_kept_in_the_record",
            "tests/safety/test_dial_policy.py::test_transfers_count_as_dials_of_the_hour_even_when_they_come_together",
            "tests/safety/test_dial_policy.py::test_a_new_start_knows_the_transfers_of_the_hour_too",
            "tests/journeys/test_calls_by_rpc.py::test_a_number_that_cannot_or_may_not_be_dialled_is_refused",
        ),
        "nothing is dialled by a new start": (
            "tests/safety/test_gateway_and_its_carrier.py::test_a_gateway_that_is_killed_in_the_middle_of_a_dial_does_not_dial_again",
            "tests/adapters/runtime/test_recovery.py::test_a_dial_that_was_under_way_is_not_repeated",
            "tests/adapters/runtime/test_recovery.py::test_a_process_that_is_killed_at_any_moment_leaves_nothing_to_pay_for",
            "tests/journeys/test_leaving.py::test_a_gateway_lets_calls_finish_says_goodbye_and_is_not_ready_meanwhile",
        ),
        "reading starts nothing": (
            "tests/safety/test_checklist.py::test_reading_starts_nothing",
            "tests/entrypoints/cli/test_archive.py::test_reading_where_nothing_was_kept_makes_nothing",
        ),
        "nothing is recorded unasked": (
            "tests/safety/test_gateway_and_its_carrier.py::test_a_call_is_dialled_at_the_host_of_the_settings_and_nothing_is_to_be_recorded",
            "tests/safety/test_gateway_and_its_carrier.py::test_a_callback_of_a_recording_or_a_detection_that_nobody_signed_is_not_believed",
            "tests/contracts/test_settings_reading.py::test_a_real_carrier_records_only_if_asked",
            "tests/safety/test_checklist.py::test_no_carrier_is_asked_to_record",
        ),
    }
)
"""In the order of the page."""
