# Flattens vendor-data and user-data, each a file, into lines of "path<TAB>value": hostname, users[0].name, ssh_keys.ed25519_private,
# runcmd[1][0], script[0]. Values have backslash, newline and tab escaped as printf %b undoes them.
# Reads the YAML that cloud-config documents use, MIME multipart around it, and a jinja header before it.
# An index of a second and later document reads users[2:0]. A user's name comes before what else is said of it.

FNR == 1 && NR > 1 { file() }
{ sub(/\r$/, ""); input[++inputs] = $0 }
END { file(); release() }

function file(    i) {
  if (input[1] ~ /^(Content-Type|MIME-Version|From |Mime-Version|content-type|mime-version)/) multipart(1, inputs)
  else {
    for (i = 1; i <= inputs; i++) line[i] = input[i]
    document(inputs)
  }
  inputs = 0
}

function multipart(from, to,    i, boundary, k) {
  for (i = from; i <= to && input[i] != ""; i++) {
    if (match(input[i], /boundary=("[^"]*"|[^ ;]*)/)) {
      boundary = substr(input[i], RSTART + 9, RLENGTH - 9)
      gsub(/"/, "", boundary)
    }
  }
  for (; i <= to; i++) if (input[i] == "--" boundary) {
    k = i + 1
    for (i = k; i <= to && index(input[i], "--" boundary) != 1; i++);
    part(k, i - 1)
    i--
  }
}

function part(from, to,    i, n, encoded, command, text) {
  for (i = from; i <= to && input[i] != ""; i++) {
    if (tolower(input[i]) ~ /^content-transfer-encoding:.*base64/) encoded = 1
    if (tolower(input[i]) ~ /^content-type:.*multipart/) { multipart(from, to); return }
  }
  n = 0
  if (encoded) {
    command = "base64 -d > /run/cloud-init/part"
    for (i++; i <= to; i++) print input[i] | command
    close(command)
    while ((getline text < "/run/cloud-init/part") > 0) { sub(/\r$/, "", text); line[++n] = text }
    close("/run/cloud-init/part")
  } else for (i++; i <= to; i++) line[++n] = input[i]
  document(n)
}

function document(n,    i, text, prefix) {
  prefix = (documents++ ? documents - 1 ":" : "")
  lines = n; partPrefix = prefix; at = 1
  if (line[1] ~ /^## *template: *jinja/) {
    jinja(n)
    at = 2
  }
  if (line[at] ~ /^#!/) {
    for (i = at; i <= n; i++) text = text line[i] "\n"
    emit("script[" prefix "0]", text)
    return
  }
  if (line[at] ~ /^#(include|upstart|boothook|cloud-boothook|part-handler)/) {
    emit("ignored[" prefix "0]", line[at])
    return
  }
  node(-1, "")
}

# Only what needs no template engine: the two names that seeds always carry. Other lines with {% go.
function jinja(n,    i) {
  for (i = 1; i <= n; i++) {
    gsub(/\{\{ *(v1\.local_hostname|v1\.hostname|ds\.meta_data\.local_hostname|local_hostname) *\}\}/, ENVIRON["HOST_NAME"], line[i])
    gsub(/\{\{ *(v1\.instance_id|ds\.meta_data\.instance_id|instance_id) *\}\}/, ENVIRON["INSTANCE_ID"], line[i])
    if (line[i] ~ /^ *\{[%#]/) line[i] = ""
  }
}

function emit(path, value) {
  gsub(/\\/, "&&", value)
  gsub(/\n/, "\\n", value)
  gsub(/\t/, "\\t", value)
  if (!match(path, /^users\[[0-9:]*\]\./)) { release(); print path "\t" value; return }
  if (substr(path, 1, RLENGTH) != heldItem) release()
  heldItem = substr(path, 1, RLENGTH)
  if (path == heldItem "name") print path "\t" value
  else held = held path "\t" value "\n"
}

function release() {
  printf "%s", held
  held = ""
}

function skip() { while (at <= lines && line[at] ~ /^[ \t]*(#.*)?$|^(---|\.\.\.)/) at++ }
function indent(text) { match(text, /^ */); return RLENGTH }
function trim(text) { sub(/^[ \t]+/, "", text); sub(/[ \t]+$/, "", text); return text }

# What stands deeper than `outer`: a sequence, a mapping or a scalar.
function node(outer, path,    i) {
  skip()
  if (at > lines || (i = indent(line[at])) <= outer) return
  entry(i, path)
}

function entry(i, path,    text) {
  text = substr(line[at], i + 1)
  if (text ~ /^-( |$)/) sequence(i, path)
  else if (keyLength(text)) mapping(i, path)
  else scalar(text, i - 1, path)
}

function sequence(i, path,    count, text, rest) {
  for (skip(); at <= lines && indent(line[at]) == i && (text = substr(line[at], i + 1)) ~ /^-( |$)/; skip()) {
    rest = trim(substr(text, 2))
    if (rest == "" || rest ~ /^#/) { at++; node(i, path "[" partPrefix count++ "]") }
    else if (rest ~ /^-( |$)/ || keyLength(rest)) {
      line[at] = substr(line[at], 1, i) " " substr(text, 2)
      entry(indent(line[at]), path "[" partPrefix count++ "]")
    } else scalar(rest, i, path "[" partPrefix count++ "]")
    count += 0
  }
}

function mapping(i, path,    text, n, key, rest, before) {
  for (skip(); at <= lines && indent(line[at]) == i && (n = keyLength(text = substr(line[at], i + 1))); skip()) {
    key = trim(substr(text, 1, n))
    if (key ~ /^["']/) key = substr(key, 2, length(key) - 2)
    key = (path == "" ? key : path "." key)
    rest = trim(substr(text, n + 2))
    before = at
    if (rest == "" || rest ~ /^#/ || rest ~ /^[&!][^ ]*$/) {
      at++
      skip()
      if (at <= lines && indent(line[at]) == i && substr(line[at], i + 1) ~ /^-( |$)/) sequence(i, key)
      else node(i, key)
    } else scalar(rest, i, key)
    if (at == before) at++
  }
  if (at <= lines && indent(line[at]) > i) { at++; mapping(i, path) }
}

# The length of the key that `text` begins with, 0 where it begins with none.
function keyLength(text) {
  if (match(text, /^"[^"]*"[ ]*:( |$)/) || match(text, /^'[^']*'[ ]*:( |$)/)) {
    return RLENGTH - (substr(text, RLENGTH, 1) == ":" ? 1 : 2)
  }
  if (text ~ /^[\[{"'|>#]/) return 0
  if (match(text, /:( |$)/)) return RSTART - 1
  return 0
}

function scalar(text, outer, path,    first) {
  sub(/^[!&][^ ]+ +/, "", text)
  first = substr(text, 1, 1)
  if (text ~ /^[|>][-+0-9]*[ ]*(#.*)?$/) block(text, outer, path)
  else if (first == "\"" || first == "'") emit(path, quoted(text, first))
  else if (first == "[" || first == "{") {
    flow = text; at++
    while (!balanced(flow) && at <= lines) flow = flow " " trim(line[at++])
    cursor = 1
    flowNode(path)
  } else {
    sub(/[ \t]#.*$/, "", text)
    text = trim(text); at++
    while (at <= lines && line[at] ~ /[^ ]/ && indent(line[at]) > outer && line[at] !~ /^ *#/) text = text " " trim(line[at++])
    if (text != "~" && text != "null") emit(path, text)
  }
}

function block(header, outer, path,    folded, deep, text, value, gap) {
  folded = header ~ /^>/
  deep = 0
  for (at++; at <= lines; at++) {
    text = line[at]
    if (text !~ /[^ ]/) { value = value "\n"; gap = 1; continue }
    if (indent(text) <= outer) break
    if (!deep) deep = indent(text)
    if (indent(text) < deep) break
    text = substr(text, deep + 1)
    if (folded && value != "" && !gap && text !~ /^ /) sub(/\n$/, " ", value)
    value = value text "\n"
    gap = 0
  }
  sub(/\n+$/, "", value)
  emit(path, header ~ /-/ ? value : value "\n")
}

# A quoted scalar that begins with `text` on the current line and may go on below.
function quoted(text, quote,    value, c, i) {
  at++
  i = 2
  while (1) {
    if (i > length(text)) {
      if (at > lines) return value
      if (quote == "\"" && text ~ /(^|[^\\])(\\\\)*\\$/) text = trim(line[at++])
      else { value = value (line[at] ~ /[^ ]/ ? " " : "\n"); text = trim(line[at++]) }
      i = 1
      continue
    }
    c = substr(text, i, 1)
    if (c == quote && quote == "'" && substr(text, i + 1, 1) == "'") { value = value "'"; i += 2; continue }
    if (c == quote) return value
    if (c == "\\" && quote == "\"") {
      if (i == length(text)) { i++; continue }
      c = substr(text, ++i, 1)
      value = value (c == "n" ? "\n" : c == "t" ? "\t" : c == "r" ? "" : c == "0" ? "" : c)
    } else value = value c
    i++
  }
}

function balanced(text,    i, c, depth, quote) {
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (quote != "") {
      if (c == "\\" && quote == "\"") i++
      else if (c == quote) quote = ""
    } else if (c == "\"" || c == "'") quote = c
    else if (c ~ /[\[{]/) depth++
    else if (c == "]" || c == "}") depth--
  }
  return depth <= 0
}

function flowSpace() { while (substr(flow, cursor, 1) ~ /[ ,\t]/ && cursor <= length(flow)) cursor++ }

function flowNode(path,    c, count, key) {
  flowSpace()
  c = substr(flow, cursor, 1)
  if (c == "[") {
    cursor++; count = 0
    for (flowSpace(); cursor <= length(flow) && substr(flow, cursor, 1) != "]"; flowSpace()) flowNode(path "[" partPrefix count++ "]")
    cursor++
  } else if (c == "{") {
    cursor++
    for (flowSpace(); cursor <= length(flow) && substr(flow, cursor, 1) != "}"; flowSpace()) {
      key = flowText(1)
      flowSpace()
      if (substr(flow, cursor, 1) == ":") cursor++
      flowNode(path == "" ? key : path "." key)
    }
    cursor++
  } else emit(path, flowText(0))
}

function flowText(isKey,    c, value, quote) {
  quote = substr(flow, cursor, 1)
  if (quote == "\"" || quote == "'") {
    for (cursor++; cursor <= length(flow) && (c = substr(flow, cursor, 1)) != quote; cursor++) {
      if (c == "\\" && quote == "\"") {
        c = substr(flow, ++cursor, 1)
        c = (c == "n" ? "\n" : c == "t" ? "\t" : c)
      }
      value = value c
    }
    cursor++
    return value
  }
  for (; cursor <= length(flow) && (c = substr(flow, cursor, 1)) !~ /[],}]/; cursor++) {
    if (isKey && c == ":") break
    value = value c
  }
  return trim(value)
}
