#!/usr/bin/perl
# Holds port 8080 as the old panel's Node server does, on a box that has no Node.
use strict;
use warnings;
use IO::Socket::INET;

my $port = IO::Socket::INET->new(LocalPort => 8080, Listen => 16, ReuseAddr => 1) or die "port 8080: $!";
while (1) {
    my $caller = $port->accept or next;
    while (my $line = <$caller>) {
        last if $line =~ /^\r?\n$/;
    }
    my $body = "Neopro Admin\n";
    print $caller "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
        . "Content-Length: " . length($body) . "\r\n\r\n$body";
    close $caller;
}
