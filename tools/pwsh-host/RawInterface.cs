using System.Management.Automation;
using System.Management.Automation.Host;

namespace PwshHost;

/// <summary>The terminal as a grid of cells: its size, and how many cells a text takes.</summary>
internal sealed class RawInterface(Prompts prompts) : PSHostRawUserInterface
{
    public override ConsoleColor ForegroundColor { get; set; } = Colors.OfTheTerminal;

    public override ConsoleColor BackgroundColor { get; set; } = Colors.OfTheTerminal;

    public override Size BufferSize
    {
        get => Terminal.Size;
        set => throw NotAGrid();
    }

    public override Size WindowSize
    {
        get => Terminal.Size;
        set => throw NotAGrid();
    }

    public override Size MaxWindowSize => Terminal.Size;

    public override Size MaxPhysicalWindowSize => Terminal.Size;

    public override Coordinates WindowPosition
    {
        get => new(0, 0);
        set => throw NotAGrid();
    }

    public override Coordinates CursorPosition
    {
        get => Console.IsOutputRedirected ? new(0, 0) : new(Console.CursorLeft, Console.CursorTop);
        set
        {
            if (!Console.IsOutputRedirected)
            {
                Console.SetCursorPosition(value.X, value.Y);
            }
        }
    }

    public override int CursorSize
    {
        get => 25;
        set { }
    }

    public override string WindowTitle
    {
        get => "";
        set
        {
            if (!Console.IsOutputRedirected)
            {
                Console.Title = value;
            }
        }
    }

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        var key = prompts.ReadKey(options.HasFlag(ReadKeyOptions.NoEcho));
        var held = (key.Modifiers.HasFlag(ConsoleModifiers.Shift) ? ControlKeyStates.ShiftPressed : 0)
            | (key.Modifiers.HasFlag(ConsoleModifiers.Alt) ? ControlKeyStates.LeftAltPressed : 0)
            | (key.Modifiers.HasFlag(ConsoleModifiers.Control) ? ControlKeyStates.LeftCtrlPressed : 0);
        return new KeyInfo((int)key.Key, key.KeyChar, held, keyDown: true);
    }

    public override void FlushInputBuffer()
    {
        while (KeyAvailable)
        {
            Console.ReadKey(intercept: true);
        }
    }

    public override int LengthInBufferCells(string source) => Cells.Width(source);

    public override int LengthInBufferCells(string source, int offset) => Cells.Width(source.AsSpan(offset));

    public override int LengthInBufferCells(char source) => Cells.Width([source]);

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw NotAGrid();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw NotAGrid();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw NotAGrid();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        // What Clear-Host asks for: the whole screen, given as a rectangle of -1.
        if (rectangle is { Left: -1, Top: -1 } && !Console.IsOutputRedirected)
        {
            Console.Clear();
        }
    }

    private static PSNotSupportedException NotAGrid() =>
        new("The contents and the size of the terminal cannot be read or set by this host.");
}
