<?php
// A service of PHP-FPM: answers what the path asks for, and logs `pid method path status` to $LOG.

[, $route, $argument] = explode('/', $_SERVER['REQUEST_URI']);
$status = $route === 'status' ? (int) $argument : 200;
$body = file_get_contents('php://input');
file_put_contents(getenv('LOG'), getmypid() . " $_SERVER[REQUEST_METHOD] $_SERVER[REQUEST_URI] $status\n", FILE_APPEND | LOCK_EX);
http_response_code($status);
header('X-Filler: ' . str_repeat('f', $route === 'fields' ? 3000 : 3));
if ($route === 'warn') {
    error_log(str_repeat('a warning that leaves as STDERR, before the answer ', 40));
}
if ($route !== 'big') {
    echo strlen($body), "\n";
    return;
}
for ($i = 0; $i < 5; $i++) {
    echo str_repeat("$i", 60_000);
    flush();
}
