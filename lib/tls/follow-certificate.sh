# Gives a certificate that somebody else renews to its reader: tried, and both files in one step.
set -u
umask 022
cd /tmp || exit 1
target=/certificates
problem=$target/problem

# Certificate and key are not written at the same instant, and some clients write in place: by content, not by time.
look() {
  sha256sum "/source/$CERTIFICATE_FILE" "/source/$KEY_FILE" 2>/dev/null | cut -c 1-64
}

# One file for each certificate of the chain.
split_chain() {
  rm -f chain-*
  number=0
  while read -r line; do
    case $line in
      *-----BEGIN\ CERTIFICATE-----*)
        number=$((number + 1))
        inside=1
        ;;
    esac
    [ -z "${inside:-}" ] || echo "$line" >>"chain-$number"
    case $line in *-----END\ CERTIFICATE-----*) inside= ;; esac
  done <server.crt
}

# Why the pair cannot be served, in one line; nothing when it can.
reason() {
  for file in "$CERTIFICATE_FILE" "$KEY_FILE"; do
    [ -e "/source/$file" ] || { echo "there is no $file in $PLACE" && return; }
    [ -r "/source/$file" ] || { echo "$file in $PLACE cannot be read" && return; }
  done
  openssl x509 -in server.crt -noout 2>/dev/null || { echo "$CERTIFICATE_FILE has no certificate in PEM" && return; }
  openssl pkey -in server.key -passin pass: -noout 2>/dev/null || {
    echo "$KEY_FILE has no private key in PEM without a passphrase"
    return
  }
  [ "$(openssl x509 -in server.crt -noout -pubkey)" = "$(openssl pkey -in server.key -passin pass: -pubout)" ] || {
    echo "the key in $KEY_FILE is not that of the first certificate in $CERTIFICATE_FILE"
    return
  }
  openssl x509 -in server.crt -noout -ext subjectAltName 2>/dev/null | grep -q 'DNS:\|IP Address:' || {
    echo "the first certificate in $CERTIFICATE_FILE has no subject alternative names"
    return
  }
  split_chain
  kind=-verify_hostname
  case $HOST in *:*) kind=-verify_ip ;; *[!0-9.]*) ;; *) kind=-verify_ip ;; esac
  number=1
  while [ -e "chain-$number" ]; do
    issuer=chain-$((number + 1))
    [ -e "$issuer" ] || issuer=chain-$number
    if [ $number = 1 ]; then set -- -purpose sslserver $kind "$HOST"; else set --; fi
    words=$(openssl verify -partial_chain "$@" -trusted "$issuer" "chain-$number" 2>&1) || {
      why=$(echo "$words" | sed -n 's/^error [0-9]* at [0-9]* depth lookup: *//p' | head -n 1)
      case $why in
        *issuer*) why="the next one is not its issuer" ;;
        *hostname* | *IP*) why="it is not for $HOST" ;;
        *expired*) why="expired on $(openssl x509 -in "chain-$number" -noout -enddate | cut -d = -f 2), or its issuer did" ;;
      esac
      echo "certificate $number in $CERTIFICATE_FILE: ${why:-openssl verify refuses it}"
      return
    }
    number=$((number + 1))
  done
}

refuse() {
  if [ -e $target/current ]; then
    line="$1: the certificate of before stays in use"
  else
    line="$1: there is no certificate to serve yet"
  fi
  [ "$(cat $problem 2>/dev/null)" != "$line" ] || return 0
  echo "$line" >&2
  echo "$line" >$problem.new && mv $problem.new $problem
}

take_over() {
  version=$(cat server.crt server.key | sha256sum | cut -c 1-16)
  before=$(readlink $target/current || true)
  if [ "$version" != "$before" ]; then
    rm -rf $target/.incoming
    mkdir $target/.incoming && cp server.crt server.key $target/.incoming || return 1
    chmod 400 $target/.incoming/server.* && chown "$OWNER:$OWNER" $target/.incoming/server.* || return 1
    rm -rf "${target:?}/$version"
    mv $target/.incoming "$target/$version" || return 1
    # Renaming a link is the one change that nobody can see half done.
    ln -sfn "$version" $target/.next && mv -T $target/.next $target/current || return 1
    for old in "$target"/*; do
      case $old in "$target/current" | "$target/$version" | "$target/$before" | "$problem") ;; *) rm -rf "$old" ;; esac
    done
    echo "certificate $version: $(openssl x509 -in server.crt -noout -serial -enddate | tr '\n' ' ')"
  fi
  rm -f $problem
}

judge() {
  rm -f server.crt server.key
  # What is tried is what is given on, whatever happens to the files meanwhile.
  (umask 077 && cat "/source/$CERTIFICATE_FILE" >server.crt && cat "/source/$KEY_FILE" >server.key) 2>/dev/null
  [ "$(look)" = "$1" ] || return 1
  why=$(reason)
  if [ -n "$why" ]; then refuse "$why"; else take_over || refuse "the volume of the copies cannot be written"; fi
  rm -f server.key
}

# nginx' images have another signal for their end.
trap 'exit 0' TERM QUIT INT
seen=none
judged=none
seconds=0
while :; do
  now=$(look)
  # The same for a second: nobody is writing any more.
  if [ "$now" = "$seen" ] && [ "$now" != "$judged" ]; then
    if judge "$now"; then judged=$now; fi
  fi
  seen=$now
  seconds=$((seconds + 1))
  # What was valid expires, and a clock is set right.
  [ $((seconds % 60)) != 0 ] || judged=again
  sleep 1 &
  wait $!
done
