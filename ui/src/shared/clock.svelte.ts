/**
 * The time that relative times are told from. It does not tick: it moves when the window is looked at again and when
 * something happens, which is when an old "3 min ago" would be noticed.
 */
class Clock {
  now = $state(Date.now());

  update = (): void => {
    this.now = Date.now();
  };
}

export const clock = new Clock();
