<?php

$key = base64_decode(substr(getenv('WEBHOOK_SECRET'), strlen('whsec_')));
$id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
$sent = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
$given = explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '');
$body = file_get_contents('php://input');

$expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$sent.$body", $key, true));
$isSigned = array_filter($given, fn ($signature) => hash_equals($expected, $signature)) !== [];
if (!$isSigned || !ctype_digit($sent) || abs(time() - (int) $sent) > 300) {
    http_response_code(401);
    exit;
}

@mkdir('inbox');
$part = tempnam('inbox', '.');
$isWritten = file_put_contents($part, $body) === strlen($body);
// If it is there already, it is a duplicate.
$isStored = $isWritten && (@link($part, "inbox/$id") || file_exists("inbox/$id"));
unlink($part);
http_response_code($isStored ? 204 : 500);
