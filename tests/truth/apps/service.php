<?php
// One request, one after the other: PHP keeps no connection between requests unless asked to, hence the persistent
// sockets. The plan is that of plan.py; there is no par, and nothing runs between requests.

$next = explode(',', getenv('NEXT'));
$hard = getenv('HARD') === '1';

function work(bool $hard): void
{
    $share = $hard ? 0.2 + 1.6 * mt_rand() / mt_getrandmax() : 1;
    usleep((int) (1000 * (float) getenv('WORK_MS') * $share));
}

function call(string $base, int $number): void
{
    $host = substr($base, strlen('http://'));
    $socket = pfsockopen("tcp://$host");
    fwrite($socket, "GET /r/$number HTTP/1.1\r\nHost: $host\r\n\r\n");
    while (rtrim(fgets($socket)) !== '') {
    }
    fread($socket, 3);
}

[, $route, $number] = explode('/', $_SERVER['REQUEST_URI']);
$number = (int) $number;
work($hard);
foreach (array_slice($next, 0, ['none' => 0, 'one' => 1][$route] ?? null) as $base) {
    $number = $number * 48271 % (2 ** 31 - 1);
    if (!$hard || mt_rand(0, 2) > 0) {
        call($base, $number);
    }
}
work($hard);
header('Content-Length: 3');
echo "ok\n";
