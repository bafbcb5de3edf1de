#!/usr/bin/env node
// Verifies an NDJSON export of a PolicyRouter audit log with Node.js (20 or newer) alone: none of the product's code, no packages.
//
//   node verify-log.mjs EXPORT.ndjson PUBLIC-KEY.pem [KEPT-CHECKPOINTS ...] [--allow-uncovered]
//
// Exit 0: every entry is what was recorded and none is missing. 1: it does not verify; each fault is one line. 3: unreadable.
// The formats: RFC 6962 (tree), C2SP signed-note and tlog-checkpoint (checkpoints), docs/audit.md (the export).
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const leafHash = entry => sha256(Buffer.of(0), entry)
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right)

/** The right edge of a growing Merkle tree: the roots of its full subtrees, largest first. */
class Tree {
  constructor(size = 0, hashes = []) { this.size = size; this.hashes = hashes }
  append(hash) {
    this.hashes.push(hash)
    for (let full = this.size++; full % 2 === 1; full = Math.floor(full / 2)) {
      const right = this.hashes.pop()
      this.hashes.push(nodeHash(this.hashes.pop(), right))
    }
  }
  root() { return this.hashes.length === 0 ? sha256() : this.hashes.reduceRight((right, left) => nodeHash(left, right)) }
}

/** RFC 9162, section 2.1.4.2: does the second tree begin with the first? */
function isConsistent(first, second, proof, firstRoot, secondRoot) {
  if (first === 0) return proof.length === 0
  if (first === second) return proof.length === 0 && firstRoot.equals(secondRoot)
  const path = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : proof
  if (path.length === 0) return false
  let [node, last] = [first - 1, second - 1]
  const up = () => { node = Math.floor(node / 2); last = Math.floor(last / 2) }
  while (node % 2 === 1) up()
  let [before, after] = [path[0], path[0]]
  for (const beside of path.slice(1)) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      before = nodeHash(beside, before)
      after = nodeHash(beside, after)
      while (node % 2 === 0 && node !== 0) up()
    } else {
      after = nodeHash(after, beside)
    }
    up()
  }
  return last === 0 && before.equals(firstRoot) && after.equals(secondRoot)
}

/** A checkpoint from its note; `signed` says whether the key has signed it under the log's name. */
function readCheckpoint(note, key) {
  const split = note.lastIndexOf('\n\n')
  const text = note.slice(0, split + 1)
  const [name, size, root, ...more] = text.split('\n')
  const raw = key.export({ format: 'der', type: 'spki' }).subarray(-32)
  const id = sha256(`${name}\n`, Buffer.of(1), raw).subarray(0, 4)
  const signed = note.slice(split + 2).trimEnd().split('\n').some(line => {
    const [dash, signer, base64] = line.split(' ')
    const bytes = Buffer.from(base64 ?? '', 'base64')
    return dash === '\u2014' && signer === name && bytes.subarray(0, 4).equals(id) && verify(null, Buffer.from(text), key, bytes.subarray(4))
  })
  const at = more.find(line => line.startsWith('at '))
  return { name, size: Number(size), root: Buffer.from(root, 'base64'), signed, at: at ? Date.parse(at.slice(3)) : 0 }
}

/** Every line of a file as the bytes it has, without its end. */
async function* linesOf(file) {
  let rest = Buffer.alloc(0)
  for await (const chunk of createReadStream(file)) {
    rest = Buffer.concat([rest, chunk])
    for (let end; (end = rest.indexOf(10)) >= 0; rest = rest.subarray(end + 1)) yield rest.subarray(0, end)
  }
  if (rest.length > 0) throw new Error('the last line was cut')
}

const allowsUncovered = process.argv.includes('--allow-uncovered')
const [file, keyFile, ...keptFiles] = process.argv.slice(2).filter(given => given !== '--allow-uncovered')
const faults = []
const seen = new Set()
const [epochs, begunLater, retentions] = [new Map(), [], []]
let key, kept, manifest, log, batch, sum, entries = 0, logs = 0, uncovered = 0, number = 0
const running = createHash('sha256')
const fault = what => faults.push(log ? `shard ${log.shard}, epoch ${log.epoch}: ${what}` : what)

function startLog(begun) {
  endLog()
  logs++
  epochs.set(begun.shard, [...epochs.get(begun.shard) ?? [], begun.epoch])
  log = { ...begun, retired: [], tree: new Tree(begun.first, begun.left.map(hash => Buffer.from(hash, 'base64'))), covered: 0, good: true }
  log.own = begun.checkpoint && readCheckpoint(begun.checkpoint, key)
  const suffix = `/${encodeURIComponent(log.shard).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('.', '%2E')}/${log.epoch}`
  kept.filter(one => one.name.endsWith(suffix)).forEach(one => seen.add(one.name))
  log.known = [...kept.filter(one => one.name.endsWith(suffix)), ...(log.own ? [log.own] : [])]
  if (log.own && !log.own.name.endsWith(suffix)) blame('the checkpoint is one of another log')
  compare()
}

/** The first fault of a log is the one that counts. */
function blame(what) {
  if (log.good) fault(what)
  log.good = false
}

function compare() {
  for (const one of log.known.filter(known => known.size === log.tree.size)) {
    if (!one.root.equals(log.tree.root())) blame(`the first ${one.size} entries are not those that a ${one.signed ? 'signed ' : ''}checkpoint covers`)
    else if (one.signed) [log.covered, log.coveredAt] = [Math.max(log.covered, one.size), Math.max(log.coveredAt ?? 0, one.at)]
  }
}

function endBatch() {
  if (!batch) return
  const expected = Buffer.from(batch.leafHashes, 'base64')
  if (batch.first !== log.tree.size) blame(`entry ${log.tree.size} is missing`)
  for (let i = 0; i < Math.max(expected.length / 32, batch.found.length) && log.good; i++) {
    const want = expected.subarray(i * 32, i * 32 + 32)
    const at = batch.first + i
    if (want.length === 0) blame(`entry ${at} was inserted`)
    else if (i >= batch.found.length) blame(`entry ${at} is missing`)
    else if (!leafHash(batch.found[i]).equals(want)) blame(`entry ${at} is altered, missing, reordered or inserted: ${idOf(batch.found[i])}`)
    else {
      if (batch.found[i].includes('"type":"retention_executed"')) log.retired.push({ ...JSON.parse(batch.found[i]), index: at })
      log.tree.append(want)
      compare()
      if (at >= log.covered && !mayBeUncovered(batch.found[i])) log.uncovered ??= at
      else if (at < log.covered) log.uncovered = undefined
    }
  }
  batch = undefined
}

/** What a process wrote within two minutes of its newest checkpoint, before it was killed; and what a reader without the signing key records. */
function mayBeUncovered(entry) {
  const { at, type } = JSON.parse(entry)
  return Date.parse(at) <= log.coveredAt + 120_000 || type === 'history_read' || type === 'history_exported'
}

/** Signed before the export was made, by clocks that may differ by half a minute. */
const isFromBefore = checkpoint => checkpoint.at <= manifest.at - 30_000

const idOf = entry => /"id":"([0-9a-f-]{36})"/.exec(entry.toString())?.[1] ?? 'it names no event'

function endLog() {
  endBatch()
  if (!log) return
  if (log.good && log.tree.size !== log.end) blame(`the log has ${log.tree.size} entries and says ${log.end}`)
  if (log.good && log.own?.size > log.end && !manifest.partial) blame(`the log ends with ${log.end} entries, and the checkpoint beside it covers ${log.own.size}: its tail was cut`)
  if (log.good && log.own?.size > log.end) {
    const proof = log.proof.map(hash => Buffer.from(hash, 'base64'))
    if (!isConsistent(log.end, log.own.size, proof, log.tree.root(), log.own.root)) blame('the entries are not those that the checkpoint covers')
    else if (log.own.signed) log.covered = log.own.size
  }
  if (log.uncovered >= log.covered && !allowsUncovered) blame(`no signed checkpoint covers entry ${log.uncovered} and those behind it`)
  if (log.own && !log.own.signed) blame('the key has not signed the checkpoint')
  const most = Math.max(0, ...log.known.filter(one => one.signed && isFromBefore(one) && !manifest.partial).map(one => one.size))
  if (most > log.end) blame(`a checkpoint covers ${most} entries: the tail was cut, or an older backup restored`)
  uncovered += Math.max(0, log.end - Math.max(log.first, log.covered))
  // What no signed checkpoint covers can have been written by anybody who may write to the database.
  retentions.push(...log.retired.filter(one => one.index < log.covered && one.type === 'retention_executed'))
  if (log.first > 0 && !manifest.partial) begunLater.push({ ...log, root: log.tree.root().toString('hex') })
  log = undefined
}

/** In an export of everything each log begins with its first entry, unless it was retired as a whole; and each shard has its epochs from 1 on. */
function checkWhole() {
  for (const { shard, epoch, first, end, root } of begunLater) {
    const isRetired = first === end && manifest.of !== 'one log' &&
      retentions.some(one => one.shard === shard && Number(one.epoch) === epoch && Number(one.count) === end && one.root === root)
    if (!isRetired) fault(`shard ${shard}, epoch ${epoch}: the entries before index ${first} are not there, and no covered event says that the log was retired`)
  }
  for (const [shard, found] of manifest.of === 'one log' ? [] : epochs) {
    const missing = found.sort((a, b) => a - b).findIndex((epoch, position) => epoch !== position + 1)
    if (missing >= 0) fault(`shard ${shard}: the log of epoch ${missing + 1} is gone or there twice`)
  }
}

try {
  key = createPublicKey(readFileSync(keyFile))
  // A file of kept checkpoints is notes with an empty line behind each: a note has one empty line itself.
  kept = keptFiles.flatMap(name => readFileSync(name, 'utf8').match(/[^\n](?:.|\n(?!\n))*\n\n(?:\u2014 .*\n)+/g) ?? []).map(note => readCheckpoint(note, key))
    // Root checkpoints, which are about all logs of a database, say nothing about one export.
    .filter(one => /\/\d+$/.test(one.name))
  for await (const line of linesOf(file)) {
    const special = /^\{"(manifest|log|batch|sum)":/.exec(line.subarray(0, 16).toString())?.[1]
    const value = special && JSON.parse(line)[special]
    if ((number++ === 0) !== (special === 'manifest') || sum) throw new Error('it is no export, or lines were added')
    if (special === 'manifest') manifest = { ...value, at: Date.parse(value.at), partial: 'from' in value || 'to' in value }
    else if (special === 'log') startLog(value)
    else if (special === 'batch') { endBatch(); batch = { ...value, found: [] } }
    else if (special === 'sum') { endLog(); sum = value; if (sum.rows !== entries || sum.sha256 !== running.copy().digest('hex')) fault('the file is not as it was written') }
    else { batch.found.push(Buffer.from(line)); entries++ }
    running.update(line).update('\n')
  }
} catch (error) {
  if (!manifest) { console.error(`Line ${number} cannot be read: ${error.message}`); process.exit(3) }
  fault(`line ${number} cannot be read: ${error.message}`)
}
endLog()
checkWhole()
if (!sum) fault('the export ends early')
if (manifest.logs !== logs) fault(`the export says that it has ${manifest.logs} logs, and has ${logs}`)
for (const one of manifest.of === 'one log' ? [] : kept.filter(one => one.signed && one.size > 0 && isFromBefore(one) && !seen.has(one.name))) {
  seen.add(one.name)
  fault(`the log ${one.name} is not there, and a checkpoint covers ${one.size} entries of it`)
}
for (const what of faults) console.log(what)
console.log(`${entries} entries in ${logs} logs, ${uncovered} of them covered by no signed checkpoint: ${faults.length === 0 ? 'verified' : 'DOES NOT VERIFY'}`)
process.exit(faults.length === 0 ? 0 : 1)
