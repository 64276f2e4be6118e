/// The protocol of chat completions.
public enum ChatCompletions {}
