# The registry is in the same container, and its runner lets it take writes or not.
pauseSeconds=@pauseSeconds@

# By its own count of requests; what one upload sends has pauses in between, as on a disk.
uploads_in_flight() { sh "$(dirname "$0")/in-flight" 'blob_upload|blob_upload_chunk'; }

@window.sh@

@kill-all.sh@

leave() { :; }
is_alone() { :; }
doubt_cache() { : >"$unforgotten"; }

# Before the registry takes writes again: a deletion that has outlived its script would take what is pushed then.
recover() { kill_all '^registry garbage-collect '; }
