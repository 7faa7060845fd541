/** At the head of `http`: each request to the given file, at once or in the given way. */
export function nginxAccessLog(file: string, buffering = ""): string[] {
  return [
    "# Who asked for what, which upstream answered, and where the time went.",
    "# In quotes is what a client may have filled with blanks and brackets; nginx writes quotes in it as \\x22.",
    'log_format registry \'$remote_addr - "$remote_user" [$time_iso8601] "$request" $status $body_bytes_sent \'',
    "                    '\"$http_user_agent\" upstream=$upstream_addr request_time=$request_time '",
    "                    'connect_time=$upstream_connect_time header_time=$upstream_header_time '",
    "                    'response_time=$upstream_response_time request_length=$request_length';",
    `access_log ${file} registry${buffering};`,
  ];
}
