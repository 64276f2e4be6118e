internal import Columnar
internal import Foundations

/// Tables on their way to and from a runner: in shared memory where they fit, else in frames.
extension PluginProcess {
    /// One batch for a check. It is written once, straight into the memory that the plugin reads.
    func update(_ batch: Batch) throws(SluiceError) {
        // The plugin could read what lies in shared memory without any call.
        try settings.refuseOnceStopped(manifest)
        let layout = BatchLayout(batch)
        let payload: Bytes
        if let slot = regions.toRunner?.place(layout) {
            payload = try call(.updateAt, limit: 4) {
                $0.integer(UInt32(slot))
                $0.integer(UInt64(layout.byteCount))
            }
        } else {
            payload = try call(.update, limit: 4) { $0.batch(layout) }
        }
        do throws(Wire.Fault) {
            var reader = PayloadReader(payload)
            let free = try reader.integer(UInt32.self)
            try reader.finish()
            try release(free)
        } catch { throw breach(error, during: Wire.Method.update.name) }
    }

    /// What the answer to an `update` says of the slots, a result or an error.
    func release(_ free: UInt32) throws(Wire.Fault) {
        guard let slots = regions.toRunner else {
            guard free == 0 else { throw Wire.Fault(reason: "a slot is free that there is not") }
            return
        }
        try slots.release(free)
    }

    /// The frames with rows that a scan may answer with, each with its most bytes.
    var rowLimits: [Wire.Answer: Int] {
        regions.fromRunner == nil ? [.batch: Wire.maximumBatch] : [.batch: Wire.maximumBatch, .batchAt: 12]
    }

    /// The rows that a scan's frame is about; nil when it has none. A slot is given back before they are used: the runner fills it meanwhile.
    func rows(
        of frame: Channel.Frame, during expectation: Channel.Expectation, deadline: UInt64
    ) throws(SluiceError) -> Batch? {
        guard frame.answer.hasRows else { return nil }
        let batch: Batch
        var done: [UInt8]?
        do throws(Wire.Fault) {
            if frame.answer == .batchAt, let slots = regions.fromRunner {
                let taken = try slots.take(frame.payload)
                batch = taken.batch
                var writer = FrameWriter(.batchDone, call: frame.call)
                writer.integer(taken.slot)
                done = writer.finish()
            } else {
                batch = try PayloadReader(frame.payload).batch()
            }
        } catch { throw breach(error, during: Wire.Method.scan.name) }
        if let done {
            do throws(Channel.Failure) { try channel.send(done, deadline: deadline, during: expectation) } catch {
                throw fail(error, during: Wire.Method.scan.name, seconds: manifest.limits.wallSeconds)
            }
        }
        return batch
    }
}
