<?php
/**
 * Plugin Name: Weerklank
 * Description: Tells Weerklank at once about comments that are new, edited, approved, held, removed or back. Signed; nothing is shown.
 * Version: 1.0
 * Requires at least: 5.9
 * Requires PHP: 7.4
 * License: EUPL-1.2
 *
 * Needs two constants in wp-config.php: WK_COMMENTS_HOOK, the push address of the account, and WK_COMMENTS_SECRET, which is filled
 * in at the account too. Without them it does nothing. See README.md beside this file.
 */

namespace Weerklank;

use WP_Comment;

defined( 'ABSPATH' ) || exit;

const TRIES   = 6;
const SECONDS = 5;

/** Whether the account is configured here. */
function configured(): bool {
	return defined( 'WK_COMMENTS_HOOK' ) && defined( 'WK_COMMENTS_SECRET' ) && WK_COMMENTS_SECRET !== '';
}

/** What Weerklank itself does here (an answer, a verdict) it knows already. A visitor cannot pretend to be it. */
function is_weerklank(): bool {
	$agent = isset( $_SERVER['HTTP_USER_AGENT'] ) ? (string) $_SERVER['HTTP_USER_AGENT'] : '';
	return strpos( $agent, 'Weerklank' ) === 0 && current_user_can( 'moderate_comments' );
}

/** Whether a comment with this status, in any of WordPress's spellings, is there: on the page, or waiting for approval. */
function is_shown( $status ): bool {
	return in_array( (string) $status, array( '0', '1', 'hold', 'approve', 'approved', 'unapproved' ), true );
}

/** Whether somebody who may moderate wrote it. */
function is_staff( int $user ): bool {
	return $user > 0 && user_can( $user, 'moderate_comments' );
}

/** A comment in the shape of the REST API, with the page it stands under; without the visitor's IP address. */
function described( WP_Comment $comment ): array {
	$post = (int) $comment->comment_post_ID;
	return array(
		'id'                => (int) $comment->comment_ID,
		'post'              => $post,
		'parent'            => (int) $comment->comment_parent,
		'author'            => (int) $comment->user_id,
		'author_name'       => (string) $comment->comment_author,
		'author_email'      => (string) $comment->comment_author_email,
		'author_user_agent' => (string) $comment->comment_agent,
		'date'              => mysql_to_rfc3339( $comment->comment_date ),
		'date_gmt'          => mysql_to_rfc3339( $comment->comment_date_gmt ),
		'content'           => array( 'raw' => (string) $comment->comment_content ),
		'status'            => in_array( (string) $comment->comment_approved, array( '1', 'approve', 'approved' ), true ) ? 'approved' : 'hold',
		'staff'             => is_staff( (int) $comment->user_id ),
		'page'              => array(
			'title' => (string) get_the_title( $post ),
			'url'   => (string) get_permalink( $post ),
		),
	);
}

/** Keep an event until the page has been sent: the visitor does not wait for it. */
function tell( string $type, $comment ): void {
	if ( ! configured() || ! $comment instanceof WP_Comment || is_weerklank() || get_comment_type( $comment ) !== 'comment' ) {
		return;
	}
	$event = array(
		'id'      => wp_generate_uuid4(),
		'type'    => $type,
		'comment' => described( $comment ),
	);
	add_action(
		'shutdown',
		static function () use ( $event ): void {
			if ( function_exists( 'fastcgi_finish_request' ) ) {
				fastcgi_finish_request();
			}
			send( $event, 1 );
		}
	);
}

/** Whether an event that was put off still holds; then it tells of the comment as it is now. */
function still_holds( array &$event ): bool {
	$comment = get_comment( (int) $event['comment']['id'] );
	$there   = $comment instanceof WP_Comment && is_shown( $comment->comment_approved );
	if ( $there ) {
		$event['comment'] = described( $comment );
	}
	return $there === ( $event['type'] !== 'comment.gone' );
}

/** Send an event; later again when Weerklank cannot be reached. The signature is over the raw bytes and the moment. */
function send( array $event, int $try ): void {
	if ( ! configured() || ( $try > 1 && ! still_holds( $event ) ) ) {
		return;
	}
	$body    = wp_json_encode( $event );
	$seconds = (string) time();
	$answer  = wp_remote_post(
		WK_COMMENTS_HOOK,
		array(
			'timeout'     => SECONDS,
			'redirection' => 0,
			'body'        => $body,
			'headers'     => array(
				'Content-Type'        => 'application/json',
				'Weerklank-Signature' => 't=' . $seconds . ',v1=' . hash_hmac( 'sha256', $seconds . '.' . $body, WK_COMMENTS_SECRET ),
			),
		)
	);
	$status  = is_wp_error( $answer ) ? 0 : (int) wp_remote_retrieve_response_code( $answer );
	if ( $status >= 200 && $status < 300 ) {
		return;
	}
	$later = $status === 0 || $status === 408 || $status === 429 || $status >= 500;
	if ( $later && $try < TRIES ) {
		wp_schedule_single_event( time() + 60 * 2 ** ( $try - 1 ), 'weerklank_again', array( $event, $try + 1 ) );
		return;
	}
	error_log( 'Weerklank did not take a comment: ' . ( $status ? $status : $answer->get_error_message() ) );
}

add_action( 'weerklank_again', __NAMESPACE__ . '\\send', 10, 2 );

add_action(
	'wp_insert_comment',
	static function ( $id, $comment ): void {
		if ( $comment instanceof WP_Comment && is_shown( $comment->comment_approved ) ) {
			tell( 'comment.created', $comment );
		}
	},
	10,
	2
);

add_action(
	'edit_comment',
	static function ( $id ): void {
		$comment = get_comment( $id );
		if ( $comment instanceof WP_Comment && is_shown( $comment->comment_approved ) ) {
			tell( 'comment.edited', $comment );
		}
	}
);

add_action(
	'transition_comment_status',
	static function ( $new, $old, $comment ): void {
		if ( is_shown( $new ) ) {
			tell( is_shown( $old ) ? 'comment.status' : 'comment.back', $comment );
		} elseif ( is_shown( $old ) ) {
			tell( 'comment.gone', $comment );
		}
	},
	10,
	3
);

// For whoever reads the comments by the REST API: an Editor may not ask who else is one.
add_action(
	'rest_api_init',
	static function (): void {
		register_rest_field(
			'comment',
			'weerklank_staff',
			array(
				'get_callback' => static function ( $comment ): bool {
					return is_staff( isset( $comment['author'] ) ? (int) $comment['author'] : 0 );
				},
				'schema'       => array(
					'description' => 'Whether somebody who may moderate wrote it.',
					'type'        => 'boolean',
					'context'     => array( 'edit' ),
					'readonly'    => true,
				),
			)
		);
	}
);
