// A provider that uses the parts of Swift which a sandbox is most likely to break: the runtime's start, strings, random
// numbers, threads of libdispatch.
import Dispatch
import Glibc
import SluiceABI

let fixtureID: StaticString = "fixture.swift_provider"

private final class Work: @unchecked Sendable {
    let lock = DispatchSemaphore(value: 1)
    var total = 0
}

func describe(_ out: UnsafeMutablePointer<sluice_text>?) -> sluice_status {
    let work = Work()
    DispatchQueue.concurrentPerform(iterations: 64) { index in
        usleep(200)
        work.lock.wait()
        work.total += index
        work.lock.signal()
    }
    let words = ["straße", "été", "Swift"].map { $0.uppercased() }.sorted().joined(separator: " ")
    let random = UInt64.random(in: 1...UInt64.max)
    return answer("{\"summary\":\"\(words)\",\"total\":\(work.total),\"random\":\"\(random)\"}", out)
}

/// Keeps every worker thread of libdispatch blocked for longer than a second: it then looks into /proc for them.
private func blockManyThreads() {
    let group = DispatchGroup()
    for _ in 0..<12 {
        DispatchQueue.global().async(group: group) { usleep(700_000) }
    }
    group.wait()
}

func estimate(_ bytes: UInt64) -> UInt64 {
    blockManyThreads()
    return bytes / 4
}
